import type { ReactElement, ReactNode } from "react";
import { usePreferences } from "@/lib/preferences/preferences";
import { formatTime, zoneName, type Zone } from "@/lib/time/time";
import type { Window } from "@/lib/filters/filters";
import { MOST_SORTED, type Rows, type Sort } from "./rows";

const count = (number: number): string => number.toLocaleString("en");

/** How many match, which time was searched at what size of the ledger, and how far a search has come. */
export function StatusLine({ found, sort, now }: { found: Rows; sort: Sort | null; now: number }): ReactElement {
  const { zone } = usePreferences();
  const last = found.pages.at(-1);
  const searched = found.progress?.searched ?? last?.searched;
  const rows = found.rows.length;
  const examined = found.pages.reduce((sum, page) => sum + page.examined, 0) + (found.running ? (found.progress?.examined ?? 0) : 0);
  return (
    <div role="status" className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-0.5 text-sm text-ink-2">
      {last === undefined || found.stale ? (
        <Working>Searching</Working>
      ) : (
        <span className="font-medium text-ink">
          {found.complete ? `${count(rows)} ${rows === 1 ? "record" : "records"}` : `${count(rows)} so far`}
        </span>
      )}
      {searched === undefined || last === undefined ? null : (
        <span className="text-ink-3">
          {stretch(searched, now, zone)}
          <span className="max-lg:hidden"> · ledger of {count(last.size)} entries</span>
          {examined > rows && found.pages.length > 0 ? ` · ${count(examined)} looked at` : null}
        </span>
      )}
      {last?.eventual === true ? <span className="text-ink-3">The last seconds may be missing</span> : null}
      {sort !== null && !found.complete ? (
        <span className="text-flagged">
          {rows >= MOST_SORTED ? `Sorted are the first ${count(MOST_SORTED)} only` : "Loading all matches to sort them"}
        </span>
      ) : null}
      {found.running && last !== undefined ? (
        <>
          {found.stale ? null : <Working>Loading</Working>}
          <button type="button" className="text-xs font-medium text-accent hover:underline" onClick={found.cancel}>
            Cancel
          </button>
        </>
      ) : null}
      {found.error !== null && rows > 0 ? (
        <span role="alert" className="text-broken">
          {found.error.message}{" "}
          <button type="button" className="font-medium underline" onClick={found.retry}>
            Try again
          </button>
        </span>
      ) : null}
    </div>
  );
}

function stretch({ from, to }: Window, now: number, zone: Zone): string {
  const end = to === null ? "now" : formatTime(to, zone, "minute");
  const begin = from === null ? "the beginning" : formatTime(from, zone, "minute");
  return `${begin} – ${end} ${zoneName(zone, now)}`;
}

function Working({ children }: { children: ReactNode }): ReactElement {
  return (
    <span className="inline-flex items-center gap-2 text-ink-3">
      <span aria-hidden="true" className="skeleton size-2 rounded-full bg-accent" />
      {children}
    </span>
  );
}
