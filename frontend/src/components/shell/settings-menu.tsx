import type { ReactElement } from "react";
import { Button } from "@/components/ui/button";
import { SelectField } from "@/components/ui/field";
import { setPreferences, usePreferences, type Theme } from "@/lib/preferences/preferences";
import { useLedger } from "@/lib/query/ledger";
import { endSession, useSession } from "@/lib/session/session";
import type { Zone } from "@/lib/time/time";

/** The person's own settings, and the way out. */
export function SettingsMenu({ onShortcuts }: { onShortcuts: () => void }): ReactElement {
  const { theme, zone, shortcuts } = usePreferences();
  const session = useSession();
  const { ledgers, chosen, choose } = useLedger();
  return (
    <div className="w-60 space-y-3">
      {chosen === null ? null : (
        <SelectField
          label="Ledger"
          className="max-md:hidden xl:hidden"
          value={chosen}
          onChange={(event) => choose(event.target.value)}
          options={ledgers.map((ledger) => [ledger.name, ledger.ledger] as const)}
        />
      )}
      <SelectField
        label="Times in"
        value={zone}
        onChange={(event) => setPreferences({ zone: event.target.value as Zone })}
        options={[
          ["utc", "UTC"],
          ["local", "The zone of this machine"],
        ]}
      />
      <SelectField
        label="Appearance"
        value={theme}
        onChange={(event) => setPreferences({ theme: event.target.value as Theme })}
        options={[
          ["system", "As the system"],
          ["light", "Light"],
          ["dark", "Dark"],
        ]}
      />
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" className="size-4 accent-accent" checked={shortcuts} onChange={(event) => setPreferences({ shortcuts: event.target.checked })} />
        Shortcuts of a single key
      </label>
      <Button look="quiet" icon="keyboard" className="w-full justify-start" onClick={onShortcuts}>
        Show the shortcuts
      </Button>
      <a className="flex h-8 items-center gap-1.5 rounded px-2.5 text-sm font-medium text-ink-2 hover:bg-sunken hover:text-ink" href="/reference/">
        API reference
      </a>
      {session.state === "open" ? (
        <div className="border-t border-line pt-3">
          <p className="truncate font-mono text-xs text-ink-3">{session.credential.label}</p>
          <Button look="quiet" icon="leave" className="mt-1 w-full justify-start" onClick={() => endSession("signed-out")}>
            Sign out
          </Button>
        </div>
      ) : null}
    </div>
  );
}
