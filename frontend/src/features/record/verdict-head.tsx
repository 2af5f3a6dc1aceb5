/** The head of a record: what it is and what came out of it, large enough to be read first. */

import type { ReactElement } from "react";
import type { RecordAnswer } from "@/lib/api/client";
import { asText } from "@/lib/record/loose";
import type { ReadRecord } from "@/lib/record/reading";
import { OutcomeMark, RiskMark, typeName } from "@/components/record/marks";
import { When } from "@/components/record/when";

export function headline(record: ReadRecord): string {
  const tool = asText(record.attributes["gen_ai.tool.name"]) ?? asText(record.attributes["gen_ai.prompt.name"]);
  return tool === null ? typeName(record.type) : `${typeName(record.type)}: ${tool}`;
}

export function VerdictHead({ record, answer }: { record: ReadRecord; answer: RecordAnswer }): ReactElement {
  const { decision } = record;
  return (
    <header className="pb-5">
      <p className="text-sm text-ink-2">
        {decision?.outcome ? `${typeName(record.type)} · ` : ""}
        {record.system}
        {record.subject?.id ? ` · ${record.subject.id}` : ""}
        {record.occurredAt === null ? null : (
          <>
            {" · "}
            <When at={record.occurredAt} zoned />
          </>
        )}
      </p>
      <h1 className="mt-1 text-2xl font-semibold tracking-tight">
        {decision?.outcome ? <OutcomeMark outcome={decision.outcome} large /> : headline(record)}
      </h1>
      {answer.erased === true ? (
        <p role="note" className="mt-3 border-s-2 border-flagged ps-3 text-sm text-ink-2">
          The content of this record was erased. What is left are facts that say nothing about a person; the ledger still proves that the record was there.
        </p>
      ) : null}
      {decision === null ? null : (
        <dl className="mt-4 flex flex-wrap gap-x-10 gap-y-3">
          <Confidence value={decision.confidence} source={decision.confidenceSource} />
          {decision.riskLevel === null ? null : (
            <Figure name="Risk">
              <RiskMark level={decision.riskLevel} />
              {decision.riskReasons.length === 0 ? null : <span className="block text-xs text-ink-3">{decision.riskReasons.join(", ")}</span>}
            </Figure>
          )}
          {decision.aiRole === null ? null : (
            <Figure name="Part of the AI">
              {decision.aiRole}
              <span className="block text-xs text-ink-3">{decision.solelyAutomated === true ? "no person involved" : decision.solelyAutomated === false ? "a person decides" : "not said who decides"}</span>
            </Figure>
          )}
          {decision.policy === null ? null : (
            <Figure name="Policy">
              {decision.policy.id ?? "unnamed"}
              <span className="block text-xs text-ink-3">version {decision.policy.version ?? "not said"}</span>
            </Figure>
          )}
          {decision.alternatives.length === 0 ? null : <Figure name="Instead possible">{decision.alternatives.join(", ")}</Figure>}
        </dl>
      )}
    </header>
  );
}

function Figure({ name, children }: { name: string; children: React.ReactNode }): ReactElement {
  return (
    <div>
      <dt className="label">{name}</dt>
      <dd className="mt-0.5 text-sm">{children}</dd>
    </div>
  );
}

const SOURCES: Record<string, string> = { model_reported: "as the model says of itself", logprob: "from token probabilities" };

function Confidence({ value, source }: { value: number | null; source: string | null }): ReactElement | null {
  if (value === null) return null;
  return (
    <Figure name="Confidence">
      <span className="flex items-center gap-2.5">
        <span className="text-lg font-semibold">{Math.round(value * 100)} %</span>
        <span aria-hidden="true" className="h-1.5 w-24 overflow-hidden rounded-full bg-line">
          <span className="block h-full rounded-full bg-ink-2" style={{ width: `${(value * 100).toString()}%` }} />
        </span>
      </span>
      <span className="block text-xs text-ink-3">
        {source === null ? "source not said" : (SOURCES[source] ?? source)}; no threshold recorded
      </span>
    </Figure>
  );
}
