/** One record, so that a person can say why it came out as it did, and whether it is what was recorded. */

import { useQuery } from "@tanstack/react-query";
import Head from "next/head";
import Link from "next/link";
import { useRouter } from "next/router";
import { parseAsString, useQueryState } from "nuqs";
import { useState, type ReactElement } from "react";
import { fetchRecord, type RecordAnswer } from "@/lib/api/client";
import { toSearch, windowOf } from "@/lib/filters/filters";
import { useFilters } from "@/lib/filters/use-filters";
import { readConversation } from "@/lib/record/conversation";
import { asText } from "@/lib/record/loose";
import { readRecord, type ReadRecord } from "@/lib/record/reading";
import { findNeighbours } from "@/lib/search/neighbours";
import { timeOfId } from "@/lib/time/time";
import { Section } from "@/components/record/parts";
import { Reasons } from "@/components/record/reasons";
import { typeName } from "@/components/record/marks";
import { useShortcuts } from "@/components/shell/shortcuts";
import { Empty, Failure, Lines } from "@/components/state/states";
import { Button, buttonClass } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Identity, Regulation, Usage } from "./aside";
import { ChainView } from "./chain-view";
import { Code, Conversation } from "./conversation";
import { Factors } from "./factors";
import { IntegrityPanel } from "./integrity-panel";
import { OversightTimeline } from "./oversight";
import { VerdictHead } from "./verdict-head";

export function RecordView(): ReactElement {
  const [id] = useQueryState("id", parseAsString);
  const [ledger] = useQueryState("ledger", parseAsString);
  const { filters } = useFilters();
  const { data, error, refetch } = useQuery({
    queryKey: ["record", ledger, id],
    enabled: id !== null,
    queryFn: ({ signal }) => fetchRecord(id ?? "", ledger, signal),
    staleTime: Infinity,
  });
  const place = (ledgerName: string): string => toSearch(filters, ledgerName, null).toString();
  const hrefOf = (other: string): string => `/record/?id=${other}&${place(ledger ?? "")}`;

  return (
    <main id="main" className="relative min-h-0 flex-1 overflow-y-auto print:overflow-visible">
      <Head>
        <title>{data === undefined ? "Record" : `${typeName(data.record.type)} ${data.record.id.slice(0, 8)}`} · AI Audit Layer</title>
      </Head>
      <Bar id={id} ledger={ledger} hrefOf={hrefOf} back={`/?${place(ledger ?? "")}`} />
      <div className="mx-auto max-w-[78rem] px-4 pt-5 pb-16 sm:px-6">
        {id === null ? (
          <Empty title="Which record?" action={<Link href="/" className={buttonClass("primary")}>To the explorer</Link>}>
            The address of a record ends in its id.
          </Empty>
        ) : error !== null ? (
          <Failure error={error} retry={() => void refetch()} title="This record could not be loaded" />
        ) : data === undefined ? (
          <Loading />
        ) : (
          <Loaded key={id} answer={data} hrefOf={hrefOf} />
        )}
      </div>
    </main>
  );
}

/** The way back and to the neighbours within the same filter. */
function Bar({ id, ledger, hrefOf, back }: { id: string | null; ledger: string | null; hrefOf: (id: string) => string; back: string }): ReactElement {
  const router = useRouter();
  const { filters } = useFilters();
  const [now] = useState(() => Date.now());
  const { data: neighbours } = useQuery({
    queryKey: ["neighbours", ledger, filters, id],
    enabled: id !== null && ledger !== null,
    queryFn: ({ signal }) => findNeighbours(id ?? "", { filters, window: windowOf(filters, now), ledger: ledger ?? "" }, signal),
  });
  const go = (to: string | null | undefined): void => {
    if (to !== null && to !== undefined) void router.replace(hrefOf(to));
  };
  useShortcuts((key) => {
    if (key === "n") go(neighbours?.older);
    else if (key === "p") go(neighbours?.newer);
  });
  return (
    <div className="no-print sticky top-0 z-10 flex items-center gap-1 border-b border-line bg-ground px-4 py-1.5">
      <Link
        href={back}
        className={buttonClass("quiet", "-ms-2")}
        onClick={(event) => {
          // Back, where it leads to the explorer as it was left: scrolled, opened, marked.
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          void router.push(back);
        }}
      >
        <Icon name="left" size={14} />
        Explorer
      </Link>
      <span className="flex-1" />
      <Button look="quiet" disabled={!neighbours?.newer} onClick={() => go(neighbours?.newer)} title="Newer within the filter (p)">
        <Icon name="up" size={14} />
        Newer
      </Button>
      <Button look="quiet" disabled={!neighbours?.older} onClick={() => go(neighbours?.older)} title="Older within the filter (n)">
        <Icon name="down" size={14} />
        Older
      </Button>
      <span className="max-sm:hidden">
        <Button look="quiet" icon="print" onClick={() => window.print()}>
          Print
        </Button>
      </span>
    </div>
  );
}

function Loading(): ReactElement {
  return (
    <div aria-busy="true" className="grid gap-10 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <span className="sr-only">Loading the record</span>
      <div>
        <div aria-hidden="true" className="skeleton h-4 w-64" />
        <div aria-hidden="true" className="skeleton mt-3 h-8 w-48" />
        <Lines count={9} className="mt-10" />
      </div>
      <Lines count={7} />
    </div>
  );
}

function Loaded({ answer, hrefOf }: { answer: RecordAnswer; hrefOf: (id: string) => string }): ReactElement {
  const record = readRecord(answer);
  const { decision } = record;
  return (
    <div className="grid gap-x-12 lg:grid-cols-[minmax(0,1fr)_20rem] xl:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="min-w-0">
        <VerdictHead record={record} answer={answer} />
        {decision?.explanation ? (
          <Section title="Explanation">
            <p className="max-w-[68ch] whitespace-pre-wrap text-[0.9375rem] leading-6">{decision.explanation}</p>
          </Section>
        ) : null}
        {decision !== null && decision.reasons.length > 0 ? (
          <Section title="Principal reasons" note="ranked, the weightiest first">
            <Reasons reasons={decision.reasons} />
          </Section>
        ) : null}
        {decision !== null && decision.factors.length > 0 ? (
          <Section title="Factors">
            <Factors factors={decision.factors} />
          </Section>
        ) : null}
        <OversightTimeline answer={answer} record={record} />
        <Talk answer={answer} record={record} hrefOf={hrefOf} />
        <ChainView answer={answer} hrefOf={hrefOf} />
        <Section title="As recorded">
          <details>
            <summary className="text-sm text-ink-2 hover:text-ink">The whole record as JSON</summary>
            <Code text={JSON.stringify(answer.record, null, 2)} label="The whole record as JSON" />
          </details>
        </Section>
      </div>
      <aside aria-label="About this record" className="min-w-0 max-lg:border-t max-lg:border-line max-lg:pt-5">
        <Section title="Integrity" note="checked here">
          <IntegrityPanel answer={answer} />
        </Section>
        <Identity record={record} answer={answer} />
        <Usage record={record} />
        <Regulation record={record} />
      </aside>
    </div>
  );
}

/** The record's own conversation, or that of the call that led to it. */
function Talk({ answer, record, hrefOf }: { answer: RecordAnswer; record: ReadRecord; hrefOf: (id: string) => string }): ReactElement | null {
  const own = readConversation(record.attributes).length > 0;
  const ledger = answer.ledger.slice(answer.ledger.indexOf("/") + 1);
  const cause = !own && record.parentId !== null && timeOfId(record.parentId) !== null ? record.parentId : null;
  const { data } = useQuery({
    queryKey: ["record", ledger, cause],
    enabled: cause !== null,
    queryFn: ({ signal }) => fetchRecord(cause ?? "", ledger, signal),
    staleTime: Infinity,
  });
  if (own) {
    return (
      <Section title={asText(record.attributes["gen_ai.tool.name"]) === null ? "Prompt and response" : "Call and result"}>
        <Conversation attributes={record.attributes} />
      </Section>
    );
  }
  if (data === undefined || cause === null) return null;
  const before = readRecord(data);
  if (readConversation(before.attributes).length === 0) return null;
  return (
    <Section
      title="Prompt and response"
      note={
        <>
          of the{" "}
          <Link href={hrefOf(cause)} className="text-accent hover:underline">
            {typeName(before.type).toLowerCase()} that led to it
          </Link>
        </>
      }
    >
      <Conversation attributes={before.attributes} />
    </Section>
  );
}
