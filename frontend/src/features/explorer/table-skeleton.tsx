import type { ReactElement } from "react";

/** Rows to come. */
export function TableSkeleton(): ReactElement {
  return (
    <div aria-busy="true" className="flex-1 overflow-hidden px-4 pt-3">
      <span className="sr-only">Loading the records</span>
      {Array.from({ length: 18 }, (_, at) => (
        <div key={at} aria-hidden="true" className="flex gap-6 border-b border-line py-2.5">
          <div className="skeleton h-3 w-32" />
          <div className="skeleton h-3 flex-1" />
          <div className="skeleton h-3 w-20" />
          <div className="skeleton hidden h-3 w-16 sm:block" />
          <div className="skeleton hidden h-3 w-40 lg:block" />
        </div>
      ))}
    </div>
  );
}
