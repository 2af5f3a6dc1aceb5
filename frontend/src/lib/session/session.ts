/**
 * The session of this tab: at most one credential, kept in `sessionStorage` so that it ends with
 * the tab, is not sent by itself and is not shared with another tab.
 */

import { useSyncExternalStore } from "react";
import { apiKeyCredential, type Credential } from "./credential";

const STORED_AS = "audit.session";

/** Why the last session is over, for the sign-in page to say. */
export type EndReason = "signed-out" | "refused";

export type Session =
  | { readonly state: "unknown" }
  | { readonly state: "none"; readonly ended: EndReason | null }
  | { readonly state: "open"; readonly credential: Credential };

const UNKNOWN: Session = { state: "unknown" };

let session: Session = UNKNOWN;
const listeners = new Set<() => void>();

function set(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

function restored(): Session {
  const key = sessionStorage.getItem(STORED_AS);
  const credential = key === null ? null : apiKeyCredential(key);
  return credential === null ? { state: "none", ended: null } : { state: "open", credential };
}

/** The session now. The first call in a tab reads what the tab has kept. */
export function currentSession(): Session {
  if (session.state === "unknown") session = restored();
  return session;
}

/** Opens a session with a key that the API has taken. */
export function signIn(key: string): void {
  const credential = apiKeyCredential(key);
  if (credential === null) return;
  sessionStorage.setItem(STORED_AS, key.trim());
  set({ state: "open", credential });
}

/** Ends the session and forgets its credential. */
export function endSession(ended: EndReason): void {
  sessionStorage.removeItem(STORED_AS);
  set({ state: "none", ended });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The session, as `unknown` in the exported HTML and the first render. */
export function useSession(): Session {
  return useSyncExternalStore(subscribe, currentSession, () => UNKNOWN);
}
