/**
 * The live feed: the newest records, asked for again and again. Each answer is joined to what is
 * there, so that a record comes once, also one that arrives late. It asks; nothing is pushed, and the
 * page says so.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ListQuery, Summary } from "@/lib/api/client";
import { fetchList } from "@/lib/api/client";
import type { Ask } from "@/lib/search/search";
import { MINUTE, SECOND, timeOfId, toRfc3339 } from "@/lib/time/time";

/** How often it asks. */
export const EVERY_MS = 2 * SECOND;
/** How far behind the newest record a late one is still looked for. */
const LATE_MS = 10 * MINUTE;
/** What the feed holds; older ones are the explorer's. */
export const MOST_HELD = 500;
const FIRST = 100;
const PER_ANSWER = 500;
/** A burst beyond this is not drawn one by one: the feed goes on at its newest end. */
const MOST_ANSWERS = 2;

export interface Feed {
  /** By arrival, the newest first. */
  readonly records: readonly Summary[];
  /** The ids of those that the last answer brought; none on the first. */
  readonly fresh: ReadonlySet<string>;
  /** How many a burst brought that were not taken into the feed. */
  readonly skipped: boolean;
  readonly at: number;
}

export type FeedFilter = Pick<ListQuery, "ledger" | "type" | "outcome" | "risk_level">;

/** Asks once and joins the answer to the feed before. */
export async function poll(filter: FeedFilter, before: Feed | undefined, now: number, signal: AbortSignal, ask: Ask = fetchList): Promise<Feed> {
  const newest = before?.records.reduce((most, { id }) => Math.max(most, timeOfId(id) ?? 0), 0) ?? 0;
  const query: ListQuery = { ...filter, order: "desc", limit: before === undefined ? FIRST : PER_ANSWER };
  if (newest > 0) query.from = toRfc3339(Math.max(0, Math.min(newest, now) - LATE_MS));
  const known = new Set(before?.records.map(({ id }) => id));
  const arrived: Summary[] = [];
  let cursor: string | null = null;
  let answers = 0;
  do {
    const page = await ask(cursor === null ? query : { ...query, cursor }, signal);
    arrived.push(...page.records.filter(({ id }) => !known.has(id)));
    cursor = before === undefined ? null : page.next_cursor;
    answers += 1;
  } while (cursor !== null && answers < MOST_ANSWERS);
  const floor = before?.records.at(-1)?.index ?? -1;
  // What lies below the feed's own end was left out before and is not news.
  const news = arrived.filter(({ index }) => index > floor || (before?.records.length ?? 0) < MOST_HELD);
  if (before !== undefined && news.length === 0) return { ...before, fresh: new Set(), skipped: false, at: now };
  const records = [...news, ...(before?.records ?? [])].sort((a, b) => b.index - a.index).slice(0, MOST_HELD);
  return { records, fresh: new Set(before === undefined ? [] : news.map(({ id }) => id)), skipped: cursor !== null, at: now };
}

export interface LiveFeed {
  readonly feed: Feed | undefined;
  readonly error: Error | null;
  readonly failing: boolean;
  readonly retry: () => void;
}

export function useFeed(filter: FeedFilter | null, paused: boolean): LiveFeed {
  const client = useQueryClient();
  const queryKey = ["live", filter];
  const query = useQuery({
    queryKey,
    enabled: filter !== null && !paused,
    queryFn: ({ signal }) => {
      if (filter === null) throw new Error("A feed has a ledger.");
      return poll(filter, client.getQueryData<Feed>(queryKey), Date.now(), signal);
    },
    refetchInterval: EVERY_MS,
    refetchIntervalInBackground: false,
    staleTime: 0,
    // A failure is shown at once; the interval tries again.
    retry: false,
  });
  return { feed: query.data, error: query.error, failing: query.isError, retry: () => void query.refetch() };
}
