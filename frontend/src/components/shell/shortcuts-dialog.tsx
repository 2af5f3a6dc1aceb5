import type { ReactElement } from "react";
import { Dialog } from "@/components/ui/dialog";
import { PLACES } from "./navigation";

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ["j, k", "Next and previous row"],
  ["Enter", "Open the row"],
  ["x", "Show more of the row, or less"],
  ["/", "Search the titles"],
  ["n, p", "On a record: the next older and newer one of the filter"],
  ["Space", "Live: pause and go on"],
  ...PLACES.map((place) => [`g ${place.key}`, `Go to ${place.name}`] as const),
  ["?", "This list"],
];

export function ShortcutsDialog({ onClose }: { onClose: () => void }): ReactElement {
  return (
    <Dialog title="Shortcuts" onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
        {KEYS.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd className="rounded border border-line-strong bg-sunken px-1.5 py-0.5 font-mono text-xs">{keys}</kbd>
            </dt>
            <dd className="text-ink-2">{what}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-4 text-sm text-ink-3">They can be turned off in the settings.</p>
    </Dialog>
  );
}
