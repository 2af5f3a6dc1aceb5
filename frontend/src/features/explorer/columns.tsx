/** The explorer's columns: what they are called, how wide they are, what a cell shows. */

import type { ReactElement, ReactNode } from "react";
import type { Summary } from "@/lib/api/client";
import type { FieldName } from "@/lib/filters/filters";
import { fromRfc3339 } from "@/lib/time/time";
import { OutcomeMark, RiskMark, typeName } from "@/components/record/marks";
import { When } from "@/components/record/when";

export interface Column {
  readonly id: string;
  readonly name: string;
  /** In pixels; null takes what is left. */
  readonly width: number | null;
  readonly cell: (summary: Summary) => ReactNode;
  /** What it is sorted by. */
  readonly sortBy: (summary: Summary) => string | number;
  /** The filter that its value can be added to. */
  readonly field?: FieldName;
  readonly times?: true;
  readonly mono?: true;
}

const NOTHING = <span className="text-ink-3">–</span>;

function text(value: string | null | undefined): ReactNode {
  return value === null || value === undefined || value === "" ? NOTHING : value;
}

/** What a record is, in one line. */
export function Headline({ summary }: { summary: Summary }): ReactElement {
  return (
    <>
      <span className="font-medium text-ink">{typeName(summary.type ?? "record")}</span>
      {summary.erased === true ? <span className="ms-2 rounded-sm border border-line-strong px-1 text-2xs text-ink-3">erased</span> : null}
      {summary.title ? <span className="ms-2 text-ink-2">{summary.title}</span> : null}
    </>
  );
}

const RISK_ORDER = ["minimal", "limited", "high", "critical"];

export const COLUMNS: readonly Column[] = [
  {
    id: "time",
    name: "Time",
    width: 148,
    times: true,
    cell: (summary) => <When at={timeOf(summary)} />,
    sortBy: (summary) => summary.id,
  },
  {
    id: "record",
    name: "Record",
    width: null,
    field: "type",
    cell: (summary) => <Headline summary={summary} />,
    sortBy: (summary) => `${typeName(summary.type ?? "")} ${summary.title ?? ""}`,
  },
  {
    id: "outcome",
    name: "Outcome",
    width: 116,
    field: "outcome",
    cell: (summary) => (summary.outcome ? <OutcomeMark outcome={summary.outcome} /> : NOTHING),
    sortBy: (summary) => summary.outcome ?? "",
  },
  {
    id: "risk",
    name: "Risk",
    width: 100,
    field: "risk_level",
    cell: (summary) => (summary.risk_level ? <RiskMark level={summary.risk_level} /> : NOTHING),
    sortBy: (summary) => RISK_ORDER.indexOf(summary.risk_level ?? ""),
  },
  {
    id: "subject",
    name: "Subject",
    width: 168,
    field: "subject",
    cell: (summary) => text(summary.subject?.id),
    sortBy: (summary) => summary.subject?.id ?? "",
  },
  {
    id: "actor",
    name: "Actor",
    width: 136,
    field: "actor",
    cell: (summary) => text(summary.actor?.id),
    sortBy: (summary) => summary.actor?.id ?? "",
  },
  {
    id: "model",
    name: "Model",
    width: 204,
    field: "model",
    cell: (summary) => text(summary.model),
    sortBy: (summary) => summary.model ?? "",
  },
  {
    id: "system",
    name: "System",
    width: 160,
    field: "system",
    cell: (summary) => text(summary.system),
    sortBy: (summary) => summary.system ?? "",
  },
  {
    id: "provider",
    name: "Provider",
    width: 120,
    field: "provider",
    cell: (summary) => text(summary.provider),
    sortBy: (summary) => summary.provider ?? "",
  },
  {
    id: "environment",
    name: "Environment",
    width: 116,
    field: "environment",
    cell: (summary) => text(summary.environment),
    sortBy: (summary) => summary.environment ?? "",
  },
  {
    id: "received",
    name: "Received",
    width: 148,
    times: true,
    cell: (summary) => <When at={fromRfc3339(summary.received_at) ?? 0} />,
    sortBy: (summary) => summary.received_at,
  },
  {
    id: "index",
    name: "Index",
    width: 84,
    mono: true,
    cell: (summary) => summary.index.toLocaleString("en"),
    sortBy: (summary) => summary.index,
  },
  {
    id: "decision",
    name: "Decision id",
    width: 140,
    mono: true,
    cell: (summary) => text(summary.decision_id),
    sortBy: (summary) => summary.decision_id ?? "",
  },
];

/** When it happened, as its producer says. */
export function timeOf(summary: Summary): number {
  return fromRfc3339(summary.occurred_at) ?? fromRfc3339(summary.received_at) ?? 0;
}

const WIDE = ["time", "record", "outcome", "risk", "subject", "actor", "model"];
const MEDIUM = ["time", "record", "outcome", "risk"];

/** The columns to show: the person's choice, else what the width has room for. */
export function chosenColumns(choice: readonly string[] | null, wide: boolean): readonly Column[] {
  const ids = choice ?? (wide ? WIDE : MEDIUM);
  const chosen = ids.flatMap((id) => COLUMNS.find((column) => column.id === id) ?? []);
  return chosen.length === 0 ? COLUMNS.slice(0, 4) : chosen;
}
