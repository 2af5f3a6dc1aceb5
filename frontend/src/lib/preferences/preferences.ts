/** What a person set for themselves on this machine. Nothing secret, nothing of a record. */

import { useSyncExternalStore } from "react";
import type { Zone } from "@/lib/time/time";

export type Theme = "system" | "light" | "dark";
export type Density = "compact" | "comfortable";

export interface Preferences {
  readonly theme: Theme;
  readonly zone: Zone;
  readonly density: Density;
  /** Shortcuts of a single key can be turned off (WCAG 2.1.4). */
  readonly shortcuts: boolean;
  /** Columns of the explorer in their order; those left out are hidden. Null: as delivered. */
  readonly columns: readonly string[] | null;
  /** The ledger that was looked at last. */
  readonly ledger: string | null;
}

const STORED_AS = "audit.preferences";

export const DEFAULTS: Preferences = {
  theme: "system",
  zone: "utc",
  density: "compact",
  shortcuts: true,
  columns: null,
  ledger: null,
};

let preferences: Preferences | null = null;
const listeners = new Set<() => void>();

function stored(): Preferences {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(STORED_AS) ?? "{}");
    return typeof read === "object" ? { ...DEFAULTS, ...(read as Partial<Preferences>) } : DEFAULTS;
  } catch {
    return DEFAULTS;
  }
}

export function currentPreferences(): Preferences {
  preferences ??= stored();
  return preferences;
}

function shown(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function setPreferences(change: Partial<Preferences>): void {
  preferences = { ...currentPreferences(), ...change };
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(preferences));
  } catch {
    // Storage is closed or full: the choice holds for this page.
  }
  if (change.theme !== undefined) shown(change.theme);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, currentPreferences, () => DEFAULTS);
}
