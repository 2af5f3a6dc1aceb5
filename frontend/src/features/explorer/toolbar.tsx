import { useState, type ReactElement } from "react";
import { toSearch, type Filters } from "@/lib/filters/filters";
import { setPreferences, usePreferences, type Density } from "@/lib/preferences/preferences";
import { IconButton } from "@/components/ui/button";
import { SelectField } from "@/components/ui/field";
import { useMedia } from "@/components/ui/media";
import { Popover } from "@/components/ui/popover";
import { chosenColumns, COLUMNS } from "./columns";
import { SavedViews } from "./saved-views";

interface Props {
  readonly filters: Filters;
  readonly ledger: string | null;
  readonly now: number;
  readonly onRefresh: () => void;
  readonly onExport: () => void;
}

export function Toolbar({ filters, ledger, now, onRefresh, onExport }: Props): ReactElement {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    const search = toSearch(filters, ledger ?? "", now);
    void navigator.clipboard.writeText(`${window.location.origin}/?${search.toString()}`).then(() => setCopied(true));
  };
  return (
    <div className="-me-2 flex items-center">
      <span role="status" className="text-xs text-ink-3">
        {copied ? "Link copied, its times fixed" : ""}
      </span>
      <IconButton label="Up to now" icon="refresh" onClick={onRefresh} />
      <IconButton label="Copy a link to this view" icon="link" onClick={copy} onBlur={() => setCopied(false)} />
      <Popover label="Saved views" align="end" trigger={<IconButton label="Saved views" icon="bookmark" />}>
        <SavedViews filters={filters} ledger={ledger} />
      </Popover>
      <span className="max-sm:hidden">
        <Popover label="Columns" align="end" trigger={<IconButton label="Columns and density" icon="columns" />}>
          <ColumnChoice />
        </Popover>
      </span>
      <IconButton label="Export as CSV" icon="export" onClick={onExport} />
    </div>
  );
}

function ColumnChoice(): ReactElement {
  const { columns: choice, density } = usePreferences();
  const wide = useMedia("(min-width: 68rem)");
  const shown = chosenColumns(choice, wide).map((column) => column.id);
  const hidden = COLUMNS.filter((column) => !shown.includes(column.id)).map((column) => column.id);
  const choose = (columns: readonly string[]): void => setPreferences({ columns });
  const shift = (id: string, by: -1 | 1): void => {
    const from = shown.indexOf(id);
    const next = shown.filter((other) => other !== id);
    next.splice(from + by, 0, id);
    choose(next);
  };
  return (
    <div className="w-64">
      <p className="label mb-1">Columns, in this order</p>
      <ul>
        {[...shown, ...hidden].map((id) => {
          const name = COLUMNS.find((column) => column.id === id)?.name ?? id;
          const at = shown.indexOf(id);
          const on = at >= 0;
          return (
            <li key={id} className="flex h-8 items-center">
              <label className="flex flex-1 items-center gap-2">
                <input
                  type="checkbox"
                  className="size-4 accent-accent"
                  checked={on}
                  // What it is and when it was are what a row is known by.
                  disabled={id === "record" || id === "time"}
                  onChange={() => choose(on ? shown.filter((other) => other !== id) : [...shown, id])}
                />
                {name}
              </label>
              {on ? (
                <>
                  <IconButton className="size-7" label={`${name} further left`} icon="up" disabled={at === 0} onClick={() => shift(id, -1)} />
                  <IconButton className="size-7" label={`${name} further right`} icon="down" disabled={at === shown.length - 1} onClick={() => shift(id, 1)} />
                </>
              ) : null}
            </li>
          );
        })}
      </ul>
      <div className="mt-2 border-t border-line pt-2">
        <SelectField
          label="Density"
          value={density}
          onChange={(event) => setPreferences({ density: event.target.value as Density })}
          options={[
            ["compact", "Compact"],
            ["comfortable", "Comfortable"],
          ]}
        />
        <button type="button" className="mt-2 text-xs font-medium text-accent hover:underline" onClick={() => setPreferences({ columns: null, density: "compact" })}>
          As delivered
        </button>
      </div>
    </div>
  );
}
