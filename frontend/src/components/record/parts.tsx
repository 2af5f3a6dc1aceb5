/** The typographic pieces that a record is set in. */

import { useId, type ReactElement, type ReactNode } from "react";

/** A part of the page under a heading; it has no frame, only a rule above. */
export function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }): ReactElement {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-t border-line py-5 first:border-t-0 first:pt-0 print:break-inside-avoid">
      <div className="mb-2.5 flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 id={id} className="text-sm font-semibold">
          {title}
        </h2>
        {note === undefined ? null : <div className="text-xs text-ink-3">{note}</div>}
      </div>
      {children}
    </section>
  );
}

/** Names and values, one a line. */
export function Facts({ children }: { children: ReactNode }): ReactElement {
  return <dl className="grid grid-cols-[7.5rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-sm">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }): ReactElement | null {
  if (children === null || children === undefined || children === "") return null;
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 break-words text-ink">{children}</dd>
    </>
  );
}
