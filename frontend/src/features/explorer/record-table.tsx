/**
 * The rows that were found: a real table whose rows outside of the window are two spacers. A record
 * is a table body of its own, so that what opens below its row is measured with it.
 */

import { createColumnHelper, tableFeatures, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRouter } from "next/router";
import { useEffect, useMemo, useRef, useState, type ReactElement, type RefObject } from "react";
import type { Summary } from "@/lib/api/client";
import { toSearch } from "@/lib/filters/filters";
import type { FilterControl } from "@/lib/filters/use-filters";
import { usePreferences } from "@/lib/preferences/preferences";
import { useShortcuts } from "@/components/shell/shortcuts";
import type { Column } from "./columns";
import { RecordRow } from "./record-row";
import type { Rows, Sort } from "./rows";
import { TableHead } from "./table-head";

interface Props {
  readonly found: Rows;
  readonly columns: readonly Column[];
  readonly narrow: boolean;
  readonly sort: Sort | null;
  readonly order: "asc" | "desc";
  readonly control: FilterControl;
  readonly onSort: (column: string) => void;
  readonly searchField: RefObject<HTMLInputElement | null>;
  readonly now: number;
}

const HEIGHTS = { compact: 33, comfortable: 43, narrow: 65 } as const;
const OVERSCAN = 12;
/** So many rows before the end the next page is asked for. */
const AHEAD = 60;

interface Place {
  readonly offset: number;
  readonly active: number;
  readonly open: ReadonlySet<string>;
}

/** Where each search was left, so that "back" comes to the same place. */
const places = new Map<string, Place>();

const features = tableFeatures({});
const helper = createColumnHelper<typeof features, Summary>();

export function RecordTable({ found, columns, narrow, sort, order, control, onSort, searchField, now }: Props): ReactElement {
  const router = useRouter();
  const { density } = usePreferences();
  const { rows, search } = found;
  const height = narrow ? HEIGHTS.narrow : HEIGHTS[density];
  const key = JSON.stringify([search, sort]);
  const scroller = useRef<HTMLDivElement>(null);
  const [left] = useState(() => places.get(key));
  const [active, setActive] = useState(left?.active ?? -1);
  const [open, setOpen] = useState<ReadonlySet<string>>(left?.open ?? new Set());

  const model = useTable({
    features,
    columns: useMemo(
      () => helper.columns(columns.map((column) => helper.accessor((row: Summary) => column.sortBy(row), { id: column.id, header: column.name }))),
      [columns],
    ),
    data: rows,
    getRowId: (row) => row.id,
  }).getRowModel().rows;

  // Nothing of the virtualizer is handed to a memoised child but a stable function.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: model.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (at) => model[at]?.id ?? at,
    overscan: OVERSCAN,
    initialOffset: left?.offset ?? 0,
    scrollPaddingStart: 36,
    scrollPaddingEnd: height,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);

  const wanted = last !== undefined && last.index >= model.length - AHEAD && !found.complete && !found.running && found.error === null;
  const { more } = found;
  useEffect(() => {
    if (wanted) more();
  }, [wanted, more]);

  // The row that was visited is in view again, wherever the scrolling stood when it was left.
  useEffect(() => {
    if (left !== undefined && left.active >= 0) virtualizer.scrollToIndex(left.active, { align: "auto" });
  }, [left, virtualizer]);

  const linkTo = (row: Summary): string => {
    const place = search === null ? new URLSearchParams() : toSearch(search.filters, search.ledger, null);
    return `/record/?id=${row.id}&${place.toString()}`;
  };
  const visit = (row: Summary): void => {
    const at = model.findIndex(({ id }) => id === row.id);
    places.set(key, { offset: scroller.current?.scrollTop ?? 0, active: at, open });
    void router.push(linkTo(row));
  };
  const toggle = (id: string): void =>
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  const move = (to: number): void => {
    const at = Math.max(0, Math.min(model.length - 1, to));
    setActive(at);
    virtualizer.scrollToIndex(at, { align: "auto" });
    const id = model[at]?.id ?? "";
    requestAnimationFrame(() => document.getElementById(`row-${id}`)?.focus({ preventScroll: true }));
  };

  useShortcuts((pressed, event) => {
    const row = model[active]?.original;
    if (pressed === "j") move(active + 1);
    else if (pressed === "k") move(active - 1);
    else if (pressed === "x" && row !== undefined) toggle(row.id);
    else if (pressed === "/") {
      event.preventDefault();
      searchField.current?.focus();
    }
  });

  const shown = narrow ? null : columns;
  const width = narrow ? undefined : columns.reduce((sum, column) => sum + (column.width ?? 260), 40);
  return (
    <div ref={scroller} tabIndex={-1} className={`relative min-h-0 flex-1 overflow-auto ${found.stale ? "opacity-50" : ""}`} aria-busy={found.stale}>
      <table className="w-full table-fixed border-separate border-spacing-0 text-sm" style={{ minWidth: width }} aria-rowcount={found.complete ? model.length + 1 : -1}>
        <caption className="sr-only">Records of the filter, {order === "desc" ? "newest" : "oldest"} first</caption>
        {shown === null ? null : (
          <colgroup>
            <col style={{ width: 40 }} />
            {shown.map((column) => (
              <col key={column.id} style={column.width === null ? {} : { width: column.width }} />
            ))}
          </colgroup>
        )}
        <TableHead columns={shown} sort={sort} order={order} onSort={onSort} now={now} />
        <Spacer height={first?.start ?? 0} />
        {items.map((item) => {
          const row = model[item.index]?.original;
          if (row === undefined) return null;
          return (
            <RecordRow
              key={item.key}
              measure={virtualizer.measureElement}
              at={item.index}
              row={row}
              columns={shown}
              height={height}
              href={linkTo(row)}
              active={item.index === active}
              open={open.has(row.id)}
              control={control}
              onVisit={visit}
              onActive={setActive}
              onToggle={toggle}
            />
          );
        })}
        <Spacer height={last === undefined ? 0 : virtualizer.getTotalSize() - last.end} />
      </table>
      {found.complete && model.length > 20 ? <p className="py-4 text-center text-xs text-ink-3">All {model.length.toLocaleString("en")} records</p> : null}
    </div>
  );
}

function Spacer({ height }: { height: number }): ReactElement {
  return (
    <tbody aria-hidden="true">
      <tr style={{ height }} />
    </tbody>
  );
}
