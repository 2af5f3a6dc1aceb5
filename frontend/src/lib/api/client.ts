/** The API, typed from the document that the service itself is tested against. */

import createClient, { type Client } from "openapi-fetch";
import { currentSession, endSession } from "@/lib/session/session";
import { ApiError } from "./error";
import type { components, paths } from "./schema";

export type Summary = components["schemas"]["Summary"];
export type RecordPage = components["schemas"]["RecordPage"];
export type RecordAnswer = components["schemas"]["RecordAnswer"];
export type Ledger = components["schemas"]["Ledger"];
export type Evidence = components["schemas"]["Evidence"];
export type Health = components["schemas"]["Health"];
export type ListQuery = NonNullable<paths["/api/v1/audit/logs"]["get"]["parameters"]["query"]>;

/** The same origin serves pages and API; in a test, jsdom's. */
function client(): Client<paths> {
  return createClient<paths>({
    baseUrl: window.location.origin,
    fetch: (request: Request) => globalThis.fetch(request),
  });
}

async function authorization(key?: string): Promise<{ Authorization: string }> {
  if (key !== undefined) return { Authorization: `Bearer ${key}` };
  const session = currentSession();
  if (session.state !== "open") throw new ApiError(401, "unauthorized", "There is no session.", null);
  return { Authorization: await session.credential.authorization() };
}

/** Turns what a call brought into its data, or throws an [`ApiError`]. */
async function taken<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
  { endsSession = true }: { endsSession?: boolean } = {},
): Promise<T> {
  let answer: { data?: T; error?: unknown; response: Response };
  try {
    answer = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw ApiError.unreachable(cause);
  }
  if (answer.data !== undefined) return answer.data;
  if (answer.response.status === 401 && endsSession) endSession("refused");
  throw ApiError.answered(answer.response, answer.error);
}

/** The ledgers that the session may read; with a key, the ones that this key may read. */
export async function fetchLedgers(signal?: AbortSignal, key?: string): Promise<Ledger[]> {
  const headers = await authorization(key);
  const call = client().GET("/api/v1/ledgers", { headers, signal: signal ?? null });
  const { ledgers } = await taken(call, { endsSession: key === undefined });
  return ledgers;
}

/** One page of a list. */
export async function fetchList(query: ListQuery, signal?: AbortSignal): Promise<RecordPage> {
  const headers = await authorization();
  return taken(client().GET("/api/v1/audit/logs", { params: { query }, headers, signal: signal ?? null }));
}

/** One record with its evidence. */
export async function fetchRecord(id: string, ledger: string | null, signal?: AbortSignal): Promise<RecordAnswer> {
  const headers = await authorization();
  const query = ledger === null ? {} : { ledger };
  const params = { path: { id }, query };
  return taken(client().GET("/api/v1/audit/logs/{id}", { params, headers, signal: signal ?? null }));
}
