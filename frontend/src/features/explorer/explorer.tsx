/** The explorer: a filter, what it found, and what one can do with it. */

import dynamic from "next/dynamic";
import { useRef, useState, type ReactElement } from "react";
import { Empty, Failure } from "@/components/state/states";
import { Button } from "@/components/ui/button";
import { useMedia } from "@/components/ui/media";
import { conditions } from "@/lib/filters/filters";
import { useFilters } from "@/lib/filters/use-filters";
import { useLedger } from "@/lib/query/ledger";
import { usePreferences } from "@/lib/preferences/preferences";
import { ActiveFilters } from "./active-filters";
import { chosenColumns } from "./columns";
import { FilterBar } from "./filter-bar";
import { RecordTable } from "./record-table";
import { useRows, type Sort } from "./rows";
import { StatusLine } from "./status-line";
import { TableSkeleton } from "./table-skeleton";
import { Toolbar } from "./toolbar";

const ExportDialog = dynamic(() => import("./export-dialog").then((module) => module.ExportDialog), { ssr: false });

/** The present of a search: one moment for all of its pages, kept while the person looks at a record. */
let pinned: number | null = null;

export function Explorer(): ReactElement {
  const control = useFilters();
  const { filters } = control;
  const { chosen: ledger, error: ledgerError, retry: retryLedgers } = useLedger();
  const [now, setNow] = useState(() => (pinned ??= Date.now()));
  const [sort, setSort] = useState<Sort | null>(null);
  const [exporting, setExporting] = useState(false);
  const { columns: choice } = usePreferences();
  const wide = useMedia("(min-width: 68rem)");
  const narrow = useMedia("(max-width: 40rem)");
  const columns = chosenColumns(choice, wide);
  const found = useRows(filters, ledger, now, sort, columns);
  const searchField = useRef<HTMLInputElement>(null);

  const refresh = (): void => {
    pinned = Date.now();
    setNow(pinned);
  };
  const sortBy = (column: string): void => {
    if (column === "time") {
      setSort(null);
      if (sort === null) control.set({ order: filters.order === "desc" ? "asc" : "desc" });
      return;
    }
    setSort((before) => (before?.column !== column ? { column, down: false } : before.down ? null : { column, down: true }));
  };

  const error = ledgerError ?? (found.rows.length === 0 || found.stale ? found.error : null);
  return (
    <main id="main" className="relative flex min-h-0 flex-1 flex-col">
      <h1 className="sr-only">Explorer</h1>
      <FilterBar control={control} rows={found.rows} searchField={searchField} now={now} />
      <ActiveFilters control={control} />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-1.5">
        <StatusLine found={found} sort={sort} now={now} />
        <Toolbar filters={filters} ledger={ledger} now={now} onRefresh={refresh} onExport={() => setExporting(true)} />
      </div>
      {error !== null ? (
        <Failure error={error} retry={ledgerError === null ? found.retry : retryLedgers} title="The records could not be loaded" />
      ) : found.first ? (
        <TableSkeleton />
      ) : found.rows.length === 0 ? (
        <Nothing filtered={conditions(filters) > 0} clear={control.clear} widen={() => control.set({ range: "all", from: null, to: null })} />
      ) : (
        <RecordTable key={narrow ? "narrow" : "wide"} found={found} columns={columns} narrow={narrow} sort={sort} order={filters.order} control={control} onSort={sortBy} searchField={searchField} now={now} />
      )}
      {exporting && found.search !== null ? <ExportDialog search={found.search} onClose={() => setExporting(false)} /> : null}
    </main>
  );
}

function Nothing({ filtered, clear, widen }: { filtered: boolean; clear: () => void; widen: () => void }): ReactElement {
  return (
    <Empty
      title={filtered ? "No record matches" : "No record in this time"}
      action={
        <>
          {filtered ? <Button onClick={clear}>Clear the filter</Button> : null}
          <Button onClick={widen}>Look at all time</Button>
        </>
      }
    >
      {filtered ? "Take a condition out, or look at a longer time." : "Look at a longer time, or send this ledger its first record: the API reference says how."}
    </Empty>
  );
}
