import Link from "next/link";
import type { ReactElement, ReactNode } from "react";
import type { Summary } from "@/lib/api/client";
import { FIELD_NAMES, FIELDS, valueOf } from "@/lib/filters/filters";
import type { FilterControl } from "@/lib/filters/use-filters";
import { typeName } from "@/components/record/marks";
import { When } from "@/components/record/when";
import { buttonClass } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Icon } from "@/components/ui/icon";
import { fromRfc3339 } from "@/lib/time/time";

interface Props {
  readonly row: Summary;
  readonly href: string;
  readonly control: FilterControl;
  readonly onVisit: (row: Summary) => void;
}

/** All that a list knows of a record, each value a step into or out of the filter. */
export function RowDetail({ row, href, control, onVisit }: Props): ReactElement {
  const received = fromRfc3339(row.received_at);
  return (
    <div className="sticky start-0 max-w-[min(100%,72rem)] px-10 py-3">
      <dl className="grid gap-x-8 gap-y-1 sm:grid-cols-2 xl:grid-cols-3">
        {FIELD_NAMES.map((field) => {
          const value = valueOf(row, field);
          if (value === null) return null;
          const name = FIELDS[field];
          return (
            <Line key={field} name={name}>
              <span className="truncate">{field === "type" ? typeName(value) : value}</span>
              <button type="button" aria-label={`Only ${name} ${value}`} title="Add to the filter" className="rounded p-1 text-ink-3 hover:text-accent" onClick={() => control.add(field, value)}>
                <Icon name="plus" size={12} />
              </button>
              <button type="button" aria-label={`Without ${name} ${value}`} title="Exclude" className="rounded p-1 text-ink-3 hover:text-accent" onClick={() => control.exclude(field, value)}>
                <Icon name="minus" size={12} />
              </button>
            </Line>
          );
        })}
        <Line name="Received">{received === null ? row.received_at : <When at={received} form="exact" zoned />}</Line>
        <Line name="Index">{row.index.toLocaleString("en")}</Line>
        {(
          [
            ["Id", row.id],
            ["Decision", row.decision_id],
            ["Caused by", row.parent_id],
            ["Trace", row.trace_id],
            ["Leaf hash", row.leaf_hash],
          ] as const
        ).map(([name, value]) =>
          value ? (
            <Line key={name} name={name}>
              <span className="truncate font-mono text-xs">{value}</span>
              <CopyButton text={value} label={`Copy: ${name}`} />
            </Line>
          ) : null,
        )}
      </dl>
      <Link
        href={href}
        prefetch={false}
        className={buttonClass("plain", "mt-3")}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          onVisit(row);
        }}
      >
        Open the record
      </Link>
    </div>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    <div className="grid h-6 grid-cols-[6rem_minmax(0,1fr)] items-center gap-2">
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="flex min-w-0 items-center gap-0.5 text-ink">{children}</dd>
    </div>
  );
}
