import { useSyncExternalStore, type ReactElement } from "react";

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** Says so while this machine has no network. */
export function OfflineNotice(): ReactElement | null {
  const online = useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  );
  if (online) return null;
  return (
    <p role="status" className="bg-flagged px-4 py-1.5 text-sm font-medium text-ground">
      This machine is offline. What is shown may be old.
    </p>
  );
}
