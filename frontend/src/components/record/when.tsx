import type { ReactElement } from "react";
import { usePreferences } from "@/lib/preferences/preferences";
import { formatTime, zoneName } from "@/lib/time/time";

/** A time, exact, in the zone that the person chose; the zone is named where it is alone. */
export function When({ at, form = "full", zoned = false }: { at: number; form?: Parameters<typeof formatTime>[2]; zoned?: boolean }): ReactElement {
  const { zone } = usePreferences();
  return (
    <time dateTime={new Date(at).toISOString()} className="whitespace-nowrap">
      {formatTime(at, zone, form)}
      {zoned ? <span className="text-ink-3"> {zoneName(zone, at)}</span> : null}
    </time>
  );
}
