import type { ReactElement } from "react";
import { usePreferences } from "@/lib/preferences/preferences";
import { zoneName } from "@/lib/time/time";
import { Icon } from "@/components/ui/icon";
import type { Column } from "./columns";
import type { Sort } from "./rows";

interface Props {
  /** Null: one column that holds all, for narrow screens. */
  readonly columns: readonly Column[] | null;
  readonly sort: Sort | null;
  readonly order: "asc" | "desc";
  readonly onSort: (column: string) => void;
  /** The zone is named as it stands now. */
  readonly now: number;
}

function direction(column: string, sort: Sort | null, order: "asc" | "desc"): "ascending" | "descending" | undefined {
  if (sort === null) return column !== "time" ? undefined : order === "asc" ? "ascending" : "descending";
  return sort.column !== column ? undefined : sort.down ? "descending" : "ascending";
}

const CELL = "sticky top-0 z-10 h-9 border-b border-line-strong bg-ground p-0 text-start";

export function TableHead({ columns, sort, order, onSort, now }: Props): ReactElement {
  const { zone } = usePreferences();
  if (columns === null) {
    return (
      <thead className="sr-only">
        <tr>
          <th scope="col">Record</th>
        </tr>
      </thead>
    );
  }
  return (
    <thead>
      <tr>
        <th scope="col" className={CELL}>
          <span className="sr-only">More</span>
        </th>
        {columns.map((column) => {
          const sorted = direction(column.id, sort, order);
          return (
            <th key={column.id} scope="col" aria-sort={sorted ?? "none"} className={CELL}>
              <button
                type="button"
                className="flex h-full w-full items-center gap-1 px-2 text-xs font-medium text-ink-2 hover:text-ink"
                onClick={() => onSort(column.id)}
              >
                {column.name}
                {column.times === true ? <span className="text-ink-3">{zoneName(zone, now)}</span> : null}
                {sorted === undefined ? null : <Icon name={sorted === "ascending" ? "up" : "down"} size={12} />}
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
