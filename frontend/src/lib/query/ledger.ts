/** Which ledger is looked at: the URL's, else the one looked at last, else the first that may be read. */

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { parseAsString, useQueryState } from "nuqs";
import { fetchLedgers, type Ledger } from "@/lib/api/client";
import { setPreferences, usePreferences } from "@/lib/preferences/preferences";
import { useSession } from "@/lib/session/session";

export function useLedgers(): UseQueryResult<Ledger[]> {
  const session = useSession();
  return useQuery({
    queryKey: ["ledgers"],
    queryFn: ({ signal }) => fetchLedgers(signal),
    enabled: session.state === "open",
  });
}

export interface LedgerChoice {
  readonly ledgers: readonly Ledger[];
  /** The short name of the chosen ledger; null until the list is known. */
  readonly chosen: string | null;
  readonly choose: (name: string) => void;
  readonly error: Error | null;
  readonly retry: () => void;
}

const NONE: readonly Ledger[] = [];

export function useLedger(): LedgerChoice {
  const { data = NONE, error, refetch } = useLedgers();
  const [asked, setAsked] = useQueryState("ledger", parseAsString);
  const { ledger: last } = usePreferences();
  const known = (name: string | null): string | null =>
    name !== null && data.some((ledger) => ledger.name === name) ? name : null;
  // A ledger that was asked for and can't be read stays the choice, so that the API's answer is shown.
  const chosen = data.length === 0 ? null : (asked ?? known(last) ?? data[0]?.name ?? null);
  return {
    ledgers: data,
    chosen,
    choose: (name) => {
      setPreferences({ ledger: name });
      void setAsked(name);
    },
    error,
    retry: () => void refetch(),
  };
}
