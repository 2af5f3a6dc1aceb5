import type { ReactElement } from "react";
import type { Reason } from "@/lib/record/reading";

/** The principal reasons in their rank. */
export function Reasons({ reasons }: { reasons: readonly Reason[] }): ReactElement {
  return (
    <ol className="space-y-2">
      {reasons.map((reason, rank) => (
        <li key={`${rank.toString()} ${reason.text}`} className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-2">
          <span className="font-mono text-sm text-ink-3">{rank + 1}</span>
          <span>
            {reason.text}
            {reason.code === null || reason.code === reason.text ? null : <code className="ms-2 font-mono text-xs text-ink-3">{reason.code}</code>}
          </span>
        </li>
      ))}
    </ol>
  );
}
