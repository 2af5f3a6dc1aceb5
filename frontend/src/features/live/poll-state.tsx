import { useEffect, useState, type ReactElement } from "react";
import { usePreferences } from "@/lib/preferences/preferences";
import { formatAgo, formatTime, MINUTE, SECOND, zoneName } from "@/lib/time/time";
import { EVERY_MS } from "./feed";

interface Props {
  readonly at: number | null;
  readonly failing: boolean;
  readonly paused: boolean;
}

/** How the page hears of new records, and whether it does. */
export function PollState({ at, failing, paused }: Props): ReactElement {
  const { zone } = usePreferences();
  const now = useNow(failing ? SECOND : MINUTE);
  const state = paused ? "Paused" : failing ? "No answer; trying again" : `Asks every ${(EVERY_MS / SECOND).toString()} s`;
  const tone = paused ? "bg-ink-3" : failing ? "bg-broken" : "bg-accent";
  return (
    <p className="ms-auto flex items-center gap-2 text-xs text-ink-2">
      <span aria-hidden="true" className={`size-2 rounded-full ${tone}`} />
      <span role="status" className={failing && !paused ? "font-medium text-broken" : ""}>
        {state}
      </span>
      {at === null ? null : (
        <span className="text-ink-3">
          last answer {formatTime(at, zone, "time")} {zoneName(zone, at)}
          {failing ? `, ${formatAgo(at, now)}` : ""}
        </span>
      )}
    </p>
  );
}

function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
