/** How requests are kept, repeated and given up. */

import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/api/error";

const MOST_TRIES = 3;

export function queryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        gcTime: 30 * 60_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < MOST_TRIES - 1 && error instanceof ApiError && error.passing,
        retryDelay: (failures, error) =>
          error instanceof ApiError && error.retryAfterMs !== null ? error.retryAfterMs : 500 * 2 ** failures,
      },
    },
  });
}
