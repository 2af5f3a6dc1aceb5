import { useEffect, useEffectEvent } from "react";
import { usePreferences } from "@/lib/preferences/preferences";

/** Whether keys typed now belong to a field, a menu or a dialog. */
function taken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  if (document.querySelector("dialog[open], [role=menu], [data-radix-popper-content-wrapper]") !== null) return true;
  const at = event.target instanceof HTMLElement ? event.target : null;
  return at !== null && (at.isContentEditable || /^(?:input|select|textarea)$/i.test(at.tagName));
}

/** Calls `act` with each key of the page's own, unless the person turned shortcuts off. */
export function useShortcuts(act: (key: string, event: KeyboardEvent) => void): void {
  const { shortcuts } = usePreferences();
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!taken(event)) act(event.key, event);
  });
  useEffect(() => {
    if (!shortcuts) return undefined;
    const listen = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [shortcuts]);
}
