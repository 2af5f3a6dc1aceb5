import Link from "next/link";
import { memo, useState, type ReactElement } from "react";
import type { Summary } from "@/lib/api/client";
import { FIELDS, valueOf, type FieldName } from "@/lib/filters/filters";
import type { FilterControl } from "@/lib/filters/use-filters";
import { OutcomeMark, RiskMark, typeName } from "@/components/record/marks";
import { When } from "@/components/record/when";
import { Icon } from "@/components/ui/icon";
import { Headline, timeOf, type Column } from "./columns";
import { RowDetail } from "./row-detail";

interface Props {
  readonly measure: (element: HTMLTableSectionElement | null) => void;
  readonly at: number;
  readonly row: Summary;
  readonly columns: readonly Column[] | null;
  readonly height: number;
  readonly href: string;
  readonly active: boolean;
  readonly open: boolean;
  readonly control: FilterControl;
  readonly onVisit: (row: Summary) => void;
  readonly onActive: (at: number) => void;
  readonly onToggle: (id: string) => void;
}

export const RecordRow = memo(function RecordRow(props: Props): ReactElement {
  const { measure, at, row, columns, height, href, active, open, control, onVisit, onActive, onToggle } = props;
  const [hot, setHot] = useState(false);
  return (
    <tbody ref={measure} data-index={at}>
      <tr
        aria-rowindex={at + 2}
        aria-current={active ? "true" : undefined}
        className="group cursor-pointer hover:bg-sunken aria-[current]:bg-accent-soft"
        style={{ height }}
        onPointerEnter={() => setHot(true)}
        onPointerLeave={() => setHot(false)}
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest("a, button") !== null) return;
          if ((window.getSelection()?.toString() ?? "") !== "") return;
          onVisit(row);
        }}
      >
        {columns === null ? (
          <NarrowCell row={row} href={href} at={at} onVisit={onVisit} onActive={onActive} />
        ) : (
          <>
            <td className="border-b border-line p-0 text-center">
              <button
                type="button"
                aria-expanded={open}
                aria-label={`More of ${typeName(row.type ?? "record")} ${row.id}`}
                className="inline-flex size-7 items-center justify-center rounded text-ink-3 hover:text-ink"
                onClick={() => onToggle(row.id)}
              >
                <Icon name={open ? "down" : "right"} size={12} />
              </button>
            </td>
            {columns.map((column) => (
              <td key={column.id} className={`relative truncate border-b border-line px-2 text-ink-2 ${column.mono === true ? "font-mono text-xs" : ""}`}>
                {column.id === "record" ? (
                  <RowLink row={row} href={href} at={at} onVisit={onVisit} onActive={onActive}>
                    <Headline summary={row} />
                  </RowLink>
                ) : (
                  column.cell(row)
                )}
                {hot && column.field !== undefined ? <CellActions row={row} field={column.field} control={control} /> : null}
              </td>
            ))}
          </>
        )}
      </tr>
      {open && columns !== null ? (
        <tr>
          <td colSpan={columns.length + 1} className="border-b border-line bg-sunken p-0">
            <RowDetail row={row} href={href} control={control} onVisit={onVisit} />
          </td>
        </tr>
      ) : null}
    </tbody>
  );
});

interface LinkProps extends Pick<Props, "row" | "href" | "at" | "onVisit" | "onActive"> {
  readonly children: ReactElement;
}

/** The row's one link: what the keyboard and a reader go to. */
function RowLink({ row, href, at, onVisit, onActive, children }: LinkProps): ReactElement {
  return (
    <Link
      id={`row-${row.id}`}
      href={href}
      prefetch={false}
      className="block truncate rounded-sm"
      onFocus={() => onActive(at)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        onVisit(row);
      }}
    >
      {children}
    </Link>
  );
}

function NarrowCell({ row, href, at, onVisit, onActive }: Pick<Props, "row" | "href" | "at" | "onVisit" | "onActive">): ReactElement {
  return (
    <td className="border-b border-line px-4 py-2">
      <div className="flex items-baseline justify-between gap-3">
        <RowLink row={row} href={href} at={at} onVisit={onVisit} onActive={onActive}>
          <Headline summary={row} />
        </RowLink>
        <span className="text-xs text-ink-3">
          <When at={timeOf(row)} form="minute" />
        </span>
      </div>
      <div className="mt-0.5 flex items-center gap-3 text-xs text-ink-2">
        {row.outcome ? <OutcomeMark outcome={row.outcome} /> : null}
        {row.risk_level ? <RiskMark level={row.risk_level} /> : null}
        <span className="truncate text-ink-3">{row.subject?.id ?? row.model ?? row.actor?.id ?? row.system}</span>
      </div>
    </td>
  );
}

/** Beside the value under the pointer; the keyboard finds the same in the opened row. */
function CellActions({ row, field, control }: { row: Summary; field: FieldName; control: FilterControl }): ReactElement | null {
  const value = valueOf(row, field);
  if (value === null) return null;
  const shown = field === "type" ? typeName(value) : value;
  return (
    <span className="absolute inset-y-0 end-0 hidden items-center rounded-s bg-panel/95 px-0.5 group-hover:flex">
      <button type="button" tabIndex={-1} title={`Only ${FIELDS[field].toLowerCase()} ${shown}`} className="rounded p-1 text-ink-3 hover:text-accent" onClick={() => control.add(field, value)}>
        <Icon name="plus" size={12} />
      </button>
      <button type="button" tabIndex={-1} title={`Without ${FIELDS[field].toLowerCase()} ${shown}`} className="rounded p-1 text-ink-3 hover:text-accent" onClick={() => control.exclude(field, value)}>
        <Icon name="minus" size={12} />
      </button>
    </span>
  );
}
