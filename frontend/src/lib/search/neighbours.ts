/** The records before and after one, within the same filter. */

import { fetchList } from "@/lib/api/client";
import { passes, toQuery } from "@/lib/filters/filters";
import { timeOfId } from "@/lib/time/time";
import type { Ask, Search } from "./search";

export interface Neighbours {
  readonly older: string | null;
  readonly newer: string | null;
}

/** Enough that records of the same millisecond and ones that are filtered here rarely fill it. */
const LOOK_AT = 100;
const MOST_ANSWERS = 5;

async function after(id: string, search: Search, order: "asc" | "desc", signal: AbortSignal, ask: Ask): Promise<string | null> {
  const at = timeOfId(id);
  if (at === null) return null;
  const window =
    order === "desc"
      ? { ...search.window, to: Math.min(at + 1, search.window.to ?? Infinity) }
      : { ...search.window, from: Math.max(at, search.window.from ?? 0) };
  // A record outside of the filter's time has nobody on that side.
  if (window.from !== null && window.to !== null && window.from >= window.to) return null;
  const query = { ...toQuery({ ...search.filters, order }, window, search.ledger), limit: LOOK_AT };
  let cursor: string | null = null;
  for (let answers = 0; answers < MOST_ANSWERS; answers += 1) {
    const page = await ask(cursor === null ? query : { ...query, cursor }, signal);
    const found = page.records.find(
      (record) => (order === "desc" ? record.id < id : record.id > id) && passes(search.filters, record),
    );
    if (found !== undefined) return found.id;
    cursor = page.next_cursor;
    if (cursor === null) return null;
  }
  return null;
}

export async function findNeighbours(id: string, search: Search, signal: AbortSignal, ask: Ask = fetchList): Promise<Neighbours> {
  const [older, newer] = await Promise.all([
    after(id, search, "desc", signal, ask),
    after(id, search, "asc", signal, ask),
  ]);
  return { older, newer };
}
