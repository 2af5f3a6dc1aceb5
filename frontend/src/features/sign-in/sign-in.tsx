/** Opens a session with an API key. The key is tried before it is kept. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/router";
import { useId, useState, type ReactElement } from "react";
import { fetchLedgers } from "@/lib/api/client";
import { ApiError } from "@/lib/api/error";
import { apiKeyCredential } from "@/lib/session/credential";
import { signIn, useSession } from "@/lib/session/session";
import { Button } from "@/components/ui/button";
import { CONTROL } from "@/components/ui/field";
import { onward } from "./onward";

const ENDED = {
  "signed-out": "You are signed out. The key is gone from this tab.",
  refused: "The session is over: the service no longer takes the key. It may have been revoked.",
} as const;

function problem(error: Error): string {
  if (error instanceof ApiError && error.status === 401) return "The service does not take this key. It may be mistyped, expired or revoked.";
  if (error instanceof ApiError && error.status === 403) return "This key may not read records. Ask for one that may.";
  return error.message;
}

export function SignIn(): ReactElement {
  const router = useRouter();
  const queries = useQueryClient();
  const session = useSession();
  const field = useId();
  const [text, setText] = useState("");
  const attempt = useMutation({
    mutationFn: async (entered: string) => {
      const key = entered.trim();
      if (apiKeyCredential(key) === null) throw new Error("A key begins with aal_ and has three parts, 64 characters in all.");
      return { key, ledgers: await fetchLedgers(undefined, key) };
    },
    onSuccess: async ({ key, ledgers }) => {
      queries.clear();
      queries.setQueryData(["ledgers"], ledgers);
      signIn(key);
      await router.replace(onward(router.query["next"]));
    },
  });
  const ended = session.state === "none" ? session.ended : null;

  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)]">
      <main className="flex flex-col justify-center px-6 py-12 sm:px-12">
        <div className="mx-auto w-full max-w-sm">
          <p className="text-sm font-semibold tracking-tight text-accent">AI Audit Layer</p>
          <h1 className="mt-6 text-2xl font-semibold tracking-tight">Sign in</h1>
          {ended === null ? null : (
            <p role="status" className="mt-3 border-s-2 border-accent ps-3 text-sm text-ink-2">
              {ENDED[ended]}
            </p>
          )}
          <form
            className="mt-6"
            onSubmit={(event) => {
              event.preventDefault();
              attempt.mutate(text);
            }}
          >
            <label htmlFor={field} className="label mb-1 block">
              API key
            </label>
            <input
              id={field}
              type="password"
              className={`${CONTROL} h-10 font-mono`}
              value={text}
              onChange={(event) => setText(event.target.value)}
              placeholder="aal_…"
              autoComplete="off"
              spellCheck={false}
              required
              aria-invalid={attempt.isError}
              aria-describedby={`${field}-note`}
            />
            <div aria-live="polite">{attempt.isError ? <p className="mt-2 text-sm text-broken">{problem(attempt.error)}</p> : null}</div>
            <Button type="submit" look="primary" className="mt-4 h-10 w-full" disabled={attempt.isPending}>
              {attempt.isPending ? "Trying the key…" : "Sign in"}
            </Button>
            <p id={`${field}-note`} className="mt-4 text-sm text-ink-3">
              The key stays in this tab and is forgotten when it closes. It needs <code className="font-mono text-xs">records:read</code> or{" "}
              <code className="font-mono text-xs">tenant:read</code>; on a local stack it is in <code className="font-mono text-xs">.local/env</code>.
            </p>
          </form>
        </div>
      </main>
      <aside className="hidden border-s border-line bg-sunken lg:flex lg:flex-col lg:justify-center lg:px-16">
        <p className="max-w-md text-xl leading-snug font-medium tracking-tight">What your AI systems decided, why, and who looked at it. On record, and checkable by anyone.</p>
        <ol className="mt-8 max-w-md space-y-4 text-ink-2">
          {[
            ["accepted", "A queue has it; the sender got its receipt."],
            ["committed", "It stands in write-once storage; its place in the ledger is final."],
            ["checked", "This page computes each hash again, in your browser, before you rely on it."],
          ].map(([word, text]) => (
            <li key={word} className="grid grid-cols-[6.5rem_1fr] gap-4 border-t border-line pt-3 text-sm">
              <span className="font-medium text-ink">{word}</span>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      </aside>
    </div>
  );
}
