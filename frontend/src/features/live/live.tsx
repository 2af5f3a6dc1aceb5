/** The live page: what is being recorded, as it comes, with one record's detail beside it. */

import { parseAsString, useQueryStates } from "nuqs";
import { useEffect, useLayoutEffect, useRef, useState, type ReactElement } from "react";
import type { Summary } from "@/lib/api/client";
import { useLedger } from "@/lib/query/ledger";
import { KNOWN_OUTCOMES, RISK_LEVELS, TYPE_NAMES } from "@/components/record/marks";
import { useShortcuts } from "@/components/shell/shortcuts";
import { Empty, Failure, Lines } from "@/components/state/states";
import { Button } from "@/components/ui/button";
import { SelectField } from "@/components/ui/field";
import { Detail } from "./detail";
import { Entry } from "./entry";
import { MOST_HELD, useFeed, type FeedFilter } from "./feed";
import { PollState } from "./poll-state";

/** Scrolled further than this from the newest end, the reader is reading and nothing may move. */
const FOLLOWS_WITHIN_PX = 24;

export function Live(): ReactElement {
  const { chosen: ledger, error: ledgerError, retry } = useLedger();
  const [filters, setFilters] = useQueryStates({ type: parseAsString, outcome: parseAsString, risk_level: parseAsString });
  const [paused, setPaused] = useState(false);
  const [chosen, setChosen] = useState<Summary | null>(null);
  const set = Object.entries(filters).flatMap(([field, value]) => (value === null ? [] : [[field, value] as const]));
  const filter: FeedFilter | null = ledger === null ? null : { ledger, ...(Object.fromEntries(set) as FeedFilter) };
  const live = useFeed(filter, paused);
  useShortcuts((key, event) => {
    if (key !== " " || (event.target instanceof Element && event.target.closest("button, a, summary, [tabindex='0']") !== null)) return;
    event.preventDefault();
    setPaused((before) => !before);
  });
  const choice = (field: "type" | "outcome" | "risk_level", name: string, options: readonly (readonly [string, string])[]): ReactElement => (
    <SelectField
      label={name}
      hidden
      className="w-32 max-sm:w-[calc(50%-0.25rem)]"
      value={filters[field] ?? ""}
      onChange={(event) => void setFilters({ [field]: event.target.value === "" ? null : event.target.value })}
      options={[["", `Any ${name.toLowerCase()}`], ...options]}
    />
  );
  const error = ledgerError ?? (live.feed === undefined ? live.error : null);
  return (
    <main id="main" className="relative flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <h1 className="me-2 text-lg font-semibold max-sm:w-full">Live</h1>
        {choice("type", "Type", TYPE_NAMES)}
        {choice("outcome", "Outcome", KNOWN_OUTCOMES.map((outcome) => [outcome, outcome] as const))}
        {choice("risk_level", "Risk", RISK_LEVELS.map((level) => [level, level] as const))}
        <Button icon={paused ? "play" : "pause"} aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? "Go on" : "Pause"}
        </Button>
        <PollState at={live.feed?.at ?? null} failing={live.failing} paused={paused} />
      </div>
      {error !== null ? (
        <Failure error={error} retry={ledgerError === null ? live.retry : retry} title="The feed could not be loaded" />
      ) : live.feed === undefined ? (
        <Lines count={12} className="p-6" />
      ) : live.feed.records.length === 0 ? (
        <Empty title="Nothing yet">Records appear here within seconds of being committed. The API reference says how to send the first one.</Empty>
      ) : (
        <div className="grid min-h-0 flex-1 lg:grid-cols-[minmax(0,1fr)_minmax(22rem,30rem)]">
          <List key={JSON.stringify(filter)} records={live.feed.records} fresh={live.feed.fresh} skipped={live.feed.skipped} chosen={chosen?.id ?? null} onChoose={setChosen} />
          <Detail summary={chosen} ledger={ledger ?? ""} onClose={() => setChosen(null)} />
        </div>
      )}
    </main>
  );
}

interface ListProps {
  readonly records: readonly Summary[];
  readonly fresh: ReadonlySet<string>;
  readonly skipped: boolean;
  readonly chosen: string | null;
  readonly onChoose: (summary: Summary) => void;
}

function List({ records, fresh, skipped, chosen, onChoose }: ListProps): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  /** Where the reader stands while not following: what came since is kept back. */
  const [held, setHeld] = useState<number | null>(null);
  const top = records[0]?.index ?? 0;
  const shown = held === null ? records : records.filter(({ index }) => index <= held);
  const waiting = records.length - shown.length;

  const follow = (): void => {
    setHeld(null);
    setFollowing(true);
  };
  useLayoutEffect(() => {
    if (following) scroller.current?.scrollTo({ top: 0 });
  }, [following, top]);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const onScroll = (): void => {
      const away = element.scrollTop > FOLLOWS_WITHIN_PX;
      setFollowing(!away);
      setHeld((before) => (away ? (before ?? top) : null));
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => element.removeEventListener("scroll", onScroll);
  }, [top]);

  return (
    <div className="relative min-h-0 min-w-0">
      {held !== null ? (
        <div className="pointer-events-none absolute inset-x-0 top-3 z-10 flex justify-center">
          <Button look="primary" icon="up" className="pointer-events-auto rounded-full shadow-[0_4px_16px_var(--shadow)]" onClick={follow}>
            {waiting === 0 ? "To the newest" : `${waiting.toString()} new`}
          </Button>
        </div>
      ) : null}
      <div ref={scroller} role="region" aria-label="Records as they come" tabIndex={0} className="h-full overflow-y-auto [overflow-anchor:none]">
        {skipped ? <p className="border-b border-line px-4 py-1.5 text-xs text-flagged">More came at once than is drawn here; the explorer has them all.</p> : null}
        <ol aria-label="Records, the newest first">
          {shown.map((record) => (
            <Entry key={record.id} record={record} fresh={fresh.has(record.id)} chosen={record.id === chosen} onChoose={onChoose} />
          ))}
        </ol>
        {records.length >= MOST_HELD ? <p className="py-4 text-center text-xs text-ink-3">The last {MOST_HELD.toString()}; earlier ones are in the explorer.</p> : null}
      </div>
    </div>
  );
}
