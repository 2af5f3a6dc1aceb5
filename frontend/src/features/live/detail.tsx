import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactElement } from "react";
import { fetchRecord, type Summary } from "@/lib/api/client";
import { asText } from "@/lib/record/loose";
import { readRecord } from "@/lib/record/reading";
import { formatDuration } from "@/lib/time/time";
import { OutcomeMark, RiskMark, typeName } from "@/components/record/marks";
import { Fact, Facts } from "@/components/record/parts";
import { Reasons } from "@/components/record/reasons";
import { When } from "@/components/record/when";
import { Failure, Lines } from "@/components/state/states";
import { buttonClass, IconButton } from "@/components/ui/button";

interface Props {
  readonly summary: Summary | null;
  readonly ledger: string;
  readonly onClose: () => void;
}

/** The record that was picked, short; its own page has the rest. */
export function Detail({ summary, ledger, onClose }: Props): ReactElement {
  if (summary === null) {
    return (
      <aside aria-label="Detail" className="hidden border-s border-line lg:block">
        <p className="px-8 py-16 text-center text-sm text-ink-3">Pick a record to see why it came out as it did.</p>
      </aside>
    );
  }
  return (
    <aside aria-label="Detail" className="overflow-y-auto border-line bg-ground p-5 max-lg:absolute max-lg:inset-x-0 max-lg:bottom-0 max-lg:z-20 max-lg:max-h-[70%] max-lg:border-t-2 max-lg:shadow-[0_-8px_28px_var(--shadow)] lg:border-s">
      <div className="flex items-start justify-between gap-3">
        <div>
          <p className="text-xs text-ink-3">{typeName(summary.type ?? "record")}</p>
          <h2 className="text-xl font-semibold tracking-tight">{summary.outcome ? <OutcomeMark outcome={summary.outcome} /> : (summary.title ?? typeName(summary.type ?? "record"))}</h2>
        </div>
        <IconButton label="Close the detail" icon="close" onClick={onClose} />
      </div>
      <Content summary={summary} ledger={ledger} />
      <Link href={`/record/?id=${summary.id}&ledger=${ledger}`} className={buttonClass("primary", "mt-5 w-full")}>
        Open the record
      </Link>
    </aside>
  );
}

function Content({ summary, ledger }: { summary: Summary; ledger: string }): ReactElement {
  const { data, error, refetch } = useQuery({
    queryKey: ["record", ledger, summary.id],
    queryFn: ({ signal }) => fetchRecord(summary.id, ledger, signal),
    staleTime: Infinity,
  });
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Lines count={6} className="mt-5" />;
  const record = readRecord(data);
  const { decision, attributes } = record;
  const took = record.occurredAt !== null && record.endedAt !== null ? formatDuration(record.endedAt - record.occurredAt) : null;
  return (
    <>
      {decision?.explanation ? <p className="mt-3 whitespace-pre-wrap">{decision.explanation}</p> : null}
      {decision !== null && decision.reasons.length > 0 ? (
        <div className="mt-4">
          <h3 className="label mb-1.5">Principal reasons</h3>
          <Reasons reasons={decision.reasons} />
        </div>
      ) : null}
      <div className="mt-4 border-t border-line pt-4">
        <Facts>
          <Fact name="Risk">{decision?.riskLevel ? <RiskMark level={decision.riskLevel} /> : null}</Fact>
          <Fact name="Confidence">{decision?.confidence == null ? null : `${Math.round(decision.confidence * 100).toString()} %`}</Fact>
          <Fact name="Subject">{record.subject?.id}</Fact>
          <Fact name="Actor">{record.actor?.id}</Fact>
          <Fact name="System">{record.system}</Fact>
          <Fact name="Model">{asText(attributes["gen_ai.response.model"]) ?? asText(attributes["gen_ai.request.model"])}</Fact>
          <Fact name="Error">{asText(attributes["error.type"])}</Fact>
          <Fact name="Took">{took}</Fact>
          <Fact name="Happened">{record.occurredAt === null ? null : <When at={record.occurredAt} form="exact" zoned />}</Fact>
        </Facts>
      </div>
    </>
  );
}
