/** The explorer's rows: pages as they come, their sum, and the order that the person wants. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { Summary } from "@/lib/api/client";
import { windowOf, type Filters } from "@/lib/filters/filters";
import { readPage, type Page, type Progress, type Search } from "@/lib/search/search";
import type { Column } from "./columns";

/** Sorting needs every row; beyond this it is refused rather than slow. */
export const MOST_SORTED = 20_000;

export interface Sort {
  readonly column: string;
  readonly down: boolean;
}

export interface Rows {
  readonly search: Search | null;
  readonly rows: readonly Summary[];
  readonly pages: readonly Page[];
  readonly error: Error | null;
  readonly complete: boolean;
  /** No row of this filter is here yet. */
  readonly first: boolean;
  /** What is shown belongs to the filter before. */
  readonly stale: boolean;
  readonly running: boolean;
  readonly progress: Progress | null;
  readonly more: () => void;
  readonly cancel: () => void;
  readonly retry: () => void;
}

const NO_PAGES: readonly Page[] = [];

export function useRows(filters: Filters, ledger: string | null, now: number, sort: Sort | null, columns: readonly Column[]): Rows {
  const client = useQueryClient();
  const search = useMemo<Search | null>(
    () => (ledger === null ? null : { filters, window: windowOf(filters, now), ledger }),
    [filters, ledger, now],
  );
  const queryKey = ["records", search] as const;
  const [progress, setProgress] = useState<Progress | null>(null);
  const [stopped, setStopped] = useState<Search | null>(null);

  const query = useInfiniteQuery({
    queryKey,
    enabled: search !== null,
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      if (search === null) throw new Error("A search has a ledger.");
      setProgress(null);
      return readPage(search, pageParam, signal, setProgress);
    },
    getNextPageParam: (page: Page) => page.next,
    placeholderData: (before) => before,
    staleTime: Infinity,
  });

  const { data, hasNextPage, isFetching, isFetchingNextPage, isPlaceholderData, error, fetchNextPage } = query;
  const pages = data?.pages ?? NO_PAGES;
  const found = useMemo(() => pages.flatMap((page) => page.records), [pages]);
  const complete = data !== undefined && !hasNextPage && !isPlaceholderData;

  // A sort and an empty page both need the next one: not an effect that fetches, but one that goes on.
  const halted = stopped === search;
  const goOn =
    !isFetching && !isPlaceholderData && hasNextPage && error === null && !halted &&
    ((sort !== null && found.length < MOST_SORTED) || found.length === 0);
  useEffect(() => {
    if (goOn) void fetchNextPage();
  }, [goOn, fetchNextPage]);

  const rows = useMemo(() => {
    const column = sort === null ? undefined : columns.find(({ id }) => id === sort.column);
    if (column === undefined || sort === null) return found;
    const direction = sort.down ? -1 : 1;
    return [...found].sort((a, b) => {
      const [x, y] = [column.sortBy(a), column.sortBy(b)];
      return x === y ? (a.id < b.id ? 1 : -1) : (x < y ? -1 : 1) * direction;
    });
  }, [found, sort, columns]);

  return {
    search,
    rows,
    pages,
    error,
    complete,
    first: data === undefined || (found.length === 0 && !complete && !halted),
    stale: isPlaceholderData,
    running: isFetching,
    progress,
    more: () => {
      setStopped(null);
      if (hasNextPage && !isFetching && !isPlaceholderData) void fetchNextPage();
    },
    cancel: () => {
      setStopped(search);
      void client.cancelQueries({ queryKey });
    },
    retry: () => {
      setStopped(null);
      if (isFetchingNextPage || pages.length > 0) void fetchNextPage();
      else void query.refetch();
    },
  };
}
