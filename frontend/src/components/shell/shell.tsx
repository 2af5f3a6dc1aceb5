/** What stands around every page: the way to the others, the ledger, the person's settings. */

import Link from "next/link";
import { useRouter } from "next/router";
import { useRef, useState, type ReactElement, type ReactNode } from "react";
import { IconButton } from "@/components/ui/button";
import { SelectField } from "@/components/ui/field";
import { Icon } from "@/components/ui/icon";
import { Popover } from "@/components/ui/popover";
import { useLedger } from "@/lib/query/ledger";
import { setPreferences, usePreferences } from "@/lib/preferences/preferences";
import { GROUPS, PLACES } from "./navigation";
import { OfflineNotice } from "./offline-notice";
import { SettingsMenu } from "./settings-menu";
import { useShortcuts } from "./shortcuts";
import { ShortcutsDialog } from "./shortcuts-dialog";

export function Shell({ children }: { children: ReactNode }): ReactElement {
  const router = useRouter();
  const [help, setHelp] = useState(false);
  const leader = useRef(0);
  useShortcuts((key, event) => {
    const led = event.timeStamp - leader.current < 1000;
    leader.current = key === "g" ? event.timeStamp : 0;
    const place = led ? PLACES.find((candidate) => candidate.key === key) : undefined;
    if (place !== undefined) void router.push(place.href);
    else if (key === "?") setHelp(true);
  });
  return (
    <div className="flex h-dvh flex-col md:flex-row print:block print:h-auto">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded focus:bg-accent focus:px-3 focus:py-1.5 focus:text-on-accent">
        To the content
      </a>
      <Rail path={router.pathname} onShortcuts={() => setHelp(true)} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col print:block">
        <OfflineNotice />
        {children}
      </div>
      {help ? <ShortcutsDialog onClose={() => setHelp(false)} /> : null}
    </div>
  );
}

function Rail({ path, onShortcuts }: { path: string; onShortcuts: () => void }): ReactElement {
  return (
    <header className="no-print flex shrink-0 items-center gap-2 border-b border-line bg-sunken px-3 max-md:h-13 md:w-14 md:flex-col md:border-e md:border-b-0 md:px-2 md:py-3 xl:w-52 xl:items-stretch xl:px-3">
      <Link href="/" aria-label="AI Audit Layer" className="flex items-center gap-2.5 rounded xl:px-1 xl:py-0.5">
        <Mark />
        <span className="hidden text-sm font-semibold tracking-tight xl:inline">AI Audit Layer</span>
      </Link>
      <LedgerChoice />
      <nav aria-label="Pages" className="flex flex-1 gap-1 md:mt-3 md:w-full md:flex-col">
        {GROUPS.filter((group) => group.places.length > 0).map((group) => (
          <ul key={group.name} aria-label={group.name} className="flex gap-1 md:flex-col">
            {group.places.map((place) => (
              <li key={place.href}>
                <Link
                  href={place.href}
                  aria-current={isAt(path, place.href) ? "page" : undefined}
                  className="flex h-9 items-center gap-2.5 rounded px-2.5 text-sm font-medium text-ink-2 hover:bg-line hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent md:justify-center xl:h-8 xl:justify-start"
                >
                  <Icon name={place.icon} />
                  <span className="max-sm:sr-only md:sr-only xl:not-sr-only">{place.name}</span>
                </Link>
              </li>
            ))}
          </ul>
        ))}
      </nav>
      <div className="flex items-center gap-1 md:flex-col xl:flex-row">
        <ZoneSwitch />
        <Popover label="Settings" align="end" side="top" trigger={<IconButton label="Settings" icon="more" />}>
          <SettingsMenu onShortcuts={onShortcuts} />
        </Popover>
      </div>
    </header>
  );
}

/** A record belongs to the explorer. */
function isAt(path: string, href: string): boolean {
  return href === "/" ? path === "/" || path === "/record" : path === href.slice(0, -1);
}

function LedgerChoice(): ReactElement | null {
  const { ledgers, chosen, choose } = useLedger();
  if (chosen === null) return <div className="h-8 max-md:w-28 md:mt-2 md:hidden xl:block" />;
  const known = ledgers.some((ledger) => ledger.name === chosen);
  return (
    <SelectField
      label="Ledger"
      hidden
      title="Ledger"
      className="max-md:w-28 md:mt-2 md:hidden xl:block"
      value={chosen}
      onChange={(event) => choose(event.target.value)}
      options={[...(known ? [] : [[chosen, chosen] as const]), ...ledgers.map((ledger) => [ledger.name, ledger.ledger] as const)]}
    />
  );
}

function ZoneSwitch(): ReactElement {
  const { zone } = usePreferences();
  const other = zone === "utc" ? "local" : "utc";
  return (
    <button
      type="button"
      title={`Times are in ${zone === "utc" ? "UTC" : "this machine's zone"}. Switch.`}
      className="h-8 rounded px-2 text-xs font-medium text-ink-2 hover:bg-line hover:text-ink xl:flex-1 xl:text-start"
      onClick={() => setPreferences({ zone: other })}
    >
      {zone === "utc" ? "UTC" : "Local"}
      <span className="sr-only"> times; switch</span>
    </button>
  );
}

function Mark(): ReactElement {
  return (
    <svg aria-hidden="true" width="26" height="26" viewBox="0 0 32 32">
      <rect width="32" height="32" rx="7" className="fill-accent" />
      <g fill="none" className="stroke-on-accent" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round">
        <path d="M16 9v5M16 14l-6 5M16 14l6 5" />
        <circle cx="16" cy="7" r="2" />
        <circle cx="9" cy="21" r="2" />
        <circle cx="23" cy="21" r="2" />
        <path d="M6 27h20" />
      </g>
    </svg>
  );
}
