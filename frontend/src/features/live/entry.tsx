import { memo, type ReactElement } from "react";
import type { Summary } from "@/lib/api/client";
import { fromRfc3339 } from "@/lib/time/time";
import { OutcomeMark, RiskMark, typeName } from "@/components/record/marks";
import { When } from "@/components/record/when";

interface Props {
  readonly record: Summary;
  readonly fresh: boolean;
  readonly chosen: boolean;
  readonly onChoose: (record: Summary) => void;
}

/** The heavier the edge, the higher the risk; the mark beside it says the same in bars and by word. */
const EDGES: Record<string, string> = {
  minimal: "border-s-line-strong",
  limited: "border-s-ink-3",
  high: "border-s-ink-2",
  critical: "border-s-ink",
};

export const Entry = memo(function Entry({ record, fresh, chosen, onChoose }: Props): ReactElement {
  const edge = EDGES[record.risk_level ?? ""] ?? "border-s-transparent";
  const who = [record.system, record.model, record.actor?.id].filter((text) => text !== undefined).join(" · ");
  return (
    <li className={`[content-visibility:auto] [contain-intrinsic-size:auto_62px] ${fresh ? "arrive" : ""}`}>
      <button
        type="button"
        aria-pressed={chosen}
        onClick={() => onChoose(record)}
        className={`grid w-full grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-0.5 border-s-4 border-b border-b-line px-4 py-2.5 text-start hover:bg-sunken aria-pressed:bg-accent-soft ${edge}`}
      >
        <span className="truncate">
          <span className="font-medium">{typeName(record.type ?? "record")}</span>
          {record.title ? <span className="ms-2 text-ink-2">{record.title}</span> : null}
          {record.subject?.id ? <span className="ms-2 text-ink-3">{record.subject.id}</span> : null}
        </span>
        <span className="text-xs leading-5 text-ink-3">
          <When at={fromRfc3339(record.occurred_at ?? record.received_at) ?? 0} />
        </span>
        <span className="flex min-w-0 items-center gap-4 text-sm text-ink-2">
          {record.outcome ? <OutcomeMark outcome={record.outcome} /> : null}
          {record.risk_level ? <RiskMark level={record.risk_level} /> : null}
          <span className="truncate text-xs text-ink-3">{who}</span>
        </span>
        <span className="text-end font-mono text-xs text-ink-3">{record.index.toLocaleString("en")}</span>
      </button>
    </li>
  );
});
