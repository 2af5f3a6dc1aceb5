/**
 * A search through a ledger, page by page. The API filters by its fields; titles and exclusions are
 * looked at here, so that a page may take several answers. It goes on until the page is full, the
 * ledger is through, or it is stopped.
 */

import { fetchList, type ListQuery, type RecordPage, type Summary } from "@/lib/api/client";
import { filtersHere, passes, toQuery, type Filters, type Window } from "@/lib/filters/filters";
import { fromRfc3339 } from "@/lib/time/time";

export interface Search {
  readonly filters: Filters;
  readonly window: Window;
  readonly ledger: string;
}

export interface Page {
  readonly records: readonly Summary[];
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
  /** The ledger's size that all pages are read at. */
  readonly size: number;
  /** How far back, or forth, the search has come; open where null. */
  readonly searched: Window;
  /** How many records the API gave for this page. */
  readonly examined: number;
  /** Whether the last seconds' records may be missing. */
  readonly eventual: boolean;
}

/** How many rows a page has. */
export const PAGE_ROWS = 200;
/** The most that the API gives in one answer. */
export const MOST_PER_ANSWER = 500;
/** After so many answers a page is given as it is, so that what was found is seen. */
const MOST_ANSWERS = 20;

export type Ask = (query: ListQuery, signal?: AbortSignal) => Promise<RecordPage>;

export interface Progress {
  readonly examined: number;
  readonly searched: Window;
}

/** Reads one page from a cursor on; null is the beginning. */
export async function readPage(
  search: Search,
  cursor: string | null,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
  ask: Ask = fetchList,
): Promise<Page> {
  const here = filtersHere(search.filters);
  const query = { ...toQuery(search.filters, search.window, search.ledger), limit: here ? MOST_PER_ANSWER : PAGE_ROWS };
  const records: Summary[] = [];
  let examined = 0;
  let at = cursor;
  for (let answers = 1; ; answers += 1) {
    const answer = await ask(at === null ? query : { ...query, cursor: at }, signal);
    examined += answer.records.length;
    records.push(...(here ? answer.records.filter((record) => passes(search.filters, record)) : answer.records));
    const searched = { from: fromRfc3339(answer.searched.from), to: fromRfc3339(answer.searched.to) };
    at = answer.next_cursor;
    if (at === null || records.length >= PAGE_ROWS || answers >= MOST_ANSWERS) {
      return { records, next: at, size: answer.size, searched, examined, eventual: answer.eventual };
    }
    onProgress({ examined, searched });
  }
}

/** All pages after one another. */
export async function* readAll(
  search: Search,
  signal: AbortSignal,
  ask: Ask = fetchList,
): AsyncGenerator<Page, void, undefined> {
  const query = { ...toQuery(search.filters, search.window, search.ledger), limit: MOST_PER_ANSWER };
  let cursor: string | null = null;
  do {
    const answer: RecordPage = await ask(cursor === null ? query : { ...query, cursor }, signal);
    cursor = answer.next_cursor;
    yield {
      records: answer.records.filter((record) => passes(search.filters, record)),
      next: cursor,
      size: answer.size,
      searched: { from: fromRfc3339(answer.searched.from), to: fromRfc3339(answer.searched.to) },
      examined: answer.records.length,
      eventual: answer.eventual,
    };
  } while (cursor !== null);
}
