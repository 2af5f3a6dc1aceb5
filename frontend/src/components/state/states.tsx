/** What a place shows that has no data: still loading, empty, failed. */

import type { ReactElement, ReactNode } from "react";
import { ApiError } from "@/lib/api/error";
import { Button } from "@/components/ui/button";

const ADVICE: Record<string, string> = {
  unreachable: "Check the connection to the service, then try again.",
  unavailable: "A part of the service is down for the moment. Nothing is lost; try again.",
  rate_limited: "Too many requests at once. Wait a little, then try again.",
  forbidden: "This key may not read records. Sign in with one that may.",
  not_found: "There is no such thing, or this key may not see it.",
  internal: "This is a fault of the service. Tell its operator the request id below.",
};

function sentence(error: Error): string {
  const first = error.message.charAt(0).toUpperCase() + error.message.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** What went wrong, what to do about it, and a way to try again. */
export function Failure({ error, retry, title = "This could not be loaded" }: { error: Error; retry?: (() => void) | undefined; title?: string }): ReactElement {
  const api = error instanceof ApiError ? error : null;
  return (
    <div role="alert" className="mx-auto max-w-lg px-6 py-12">
      <p className="text-lg font-semibold">{title}</p>
      <p className="mt-1 text-ink-2">
        {sentence(error)} {api === null ? null : ADVICE[api.code]}
      </p>
      {api !== null && api.details.length > 0 ? (
        <ul className="mt-3 space-y-1 border-l-2 border-broken pl-3 text-sm">
          {api.details.map((detail) => (
            <li key={`${detail.field} ${detail.code}`}>
              <code className="font-mono">{detail.field}</code>: {detail.message}
            </li>
          ))}
        </ul>
      ) : null}
      {api?.requestId === null || api === null ? null : <p className="mt-3 font-mono text-xs text-ink-3">Request {api.requestId}</p>}
      {retry === undefined ? null : (
        <Button className="mt-4" icon="refresh" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function Empty({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }): ReactElement {
  return (
    <div className="mx-auto max-w-lg px-6 py-16 text-center">
      <p className="text-lg font-semibold">{title}</p>
      <div className="mt-1 text-ink-2">{children}</div>
      {action === undefined ? null : <div className="mt-4 flex justify-center gap-2">{action}</div>}
    </div>
  );
}

const WIDTHS = ["w-3/5", "w-2/5", "w-1/2", "w-4/5", "w-1/3"];

/** Lines where text will stand. */
export function Lines({ count, className = "" }: { count: number; className?: string }): ReactElement {
  return (
    <div aria-hidden="true" className={`space-y-3 ${className}`}>
      {Array.from({ length: count }, (_, at) => (
        <div key={at} className={`skeleton h-3.5 ${WIDTHS[at % WIDTHS.length] ?? ""}`} />
      ))}
    </div>
  );
}
