/** What can go wrong between this page and the API, in the API's own terms (`docs/API.md`). */

import type { components } from "./schema";

type Problem = components["schemas"]["ProblemBody"];

export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    /** The HTTP status; 0 where no answer came. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string | null,
    readonly details: Problem["details"] = [],
    readonly retryAfterMs: number | null = null,
    cause?: unknown,
  ) {
    super(message, { cause });
  }

  static unreachable(cause: unknown): ApiError {
    return new ApiError(0, "unreachable", "The service does not answer.", null, [], null, cause);
  }

  static answered(response: Response, body: unknown): ApiError {
    const problem = (body as { error?: Partial<Problem> } | undefined)?.error;
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    return new ApiError(
      response.status,
      problem?.code ?? "unreadable",
      problem?.message ?? `The service answered ${response.status.toString()} without saying why.`,
      problem?.request_id ?? null,
      problem?.details ?? [],
      Number.isFinite(seconds) ? seconds * 1000 : null,
    );
  }

  /** Whether the same request may succeed a little later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 503;
  }
}
