/** Where a filter is put together. The most used conditions stand open; the rest is one step away. */

import { useId, useMemo, useState, type ReactElement, type RefObject } from "react";
import type { Summary } from "@/lib/api/client";
import { conditions, FIELD_NAMES, FIELDS, isAbsolute, RANGES, valueOf, windowOf, type FieldName, type Range } from "@/lib/filters/filters";
import type { FilterControl } from "@/lib/filters/use-filters";
import { usePreferences } from "@/lib/preferences/preferences";
import { fromField, formatTime, toField, toRfc3339, zoneName } from "@/lib/time/time";
import { KNOWN_OUTCOMES, RISK_LEVELS, TYPE_NAMES } from "@/components/record/marks";
import { Button } from "@/components/ui/button";
import { CONTROL, SelectField } from "@/components/ui/field";
import { Icon } from "@/components/ui/icon";
import { Popover, PopoverClose } from "@/components/ui/popover";

interface Props {
  readonly control: FilterControl;
  readonly rows: readonly Summary[];
  readonly searchField: RefObject<HTMLInputElement | null>;
  readonly now: number;
}

const CHOICES: Partial<Record<FieldName, readonly (readonly [string, string])[]>> = {
  type: TYPE_NAMES,
  outcome: KNOWN_OUTCOMES.map((outcome) => [outcome, outcome] as const),
  risk_level: RISK_LEVELS.map((level) => [level, level] as const),
};

export function FilterBar({ control, rows, searchField, now }: Props): ReactElement {
  const count = conditions(control.filters);
  return (
    <div className="flex flex-wrap items-center gap-2 px-4 pt-3 pb-2">
      <TitleSearch control={control} field={searchField} />
      <TimeRange control={control} now={now} />
      <div className="hidden gap-2 lg:flex">
        {(["type", "outcome", "risk_level"] as const).map((field) => (
          <Choice key={field} field={field} control={control} hidden />
        ))}
      </div>
      <Popover
        label="All conditions"
        trigger={
          <Button>
            <Icon name="explorer" size={14} /> Filter
            {count === 0 ? null : <span className="rounded-full bg-accent px-1.5 text-2xs text-on-accent">{count}</span>}
          </Button>
        }
      >
        <AllConditions control={control} rows={rows} />
      </Popover>
    </div>
  );
}

function TitleSearch({ control, field }: { control: FilterControl; field: RefObject<HTMLInputElement | null> }): ReactElement {
  const { q } = control.filters;
  return (
    <form
      role="search"
      className="relative min-w-44 flex-1 sm:max-w-72"
      onSubmit={(event) => {
        event.preventDefault();
        control.set({ q: field.current?.value.trim() ?? "" });
      }}
    >
      <span className="pointer-events-none absolute inset-y-0 start-2 flex items-center text-ink-3">
        <Icon name="search" size={14} />
      </span>
      <input
        key={q}
        ref={field}
        type="search"
        aria-label="Text in the title"
        placeholder="Text in the title"
        defaultValue={q}
        spellCheck={false}
        className={`${CONTROL} ps-7`}
        onBlur={(event) => {
          if (event.target.value.trim() !== q) control.set({ q: event.target.value.trim() });
        }}
      />
    </form>
  );
}

function Choice({ field, control, hidden = false }: { field: FieldName; control: FilterControl; hidden?: boolean }): ReactElement {
  const value = control.filters[field] ?? "";
  const choices = CHOICES[field] ?? [];
  const known = value === "" || choices.some(([choice]) => choice === value);
  return (
    <SelectField
      label={FIELDS[field]}
      hidden={hidden}
      className={hidden ? "w-32" : ""}
      value={value}
      onChange={(event) => control.set({ [field]: event.target.value === "" ? null : event.target.value })}
      options={[["", hidden ? `Any ${FIELDS[field].toLowerCase()}` : "Any"], ...choices, ...(known ? [] : [[value, value] as const])]}
    />
  );
}

function TimeRange({ control, now }: { control: FilterControl; now: number }): ReactElement {
  const { filters } = control;
  const { zone } = usePreferences();
  const window = windowOf(filters, now);
  const shown = isAbsolute(filters)
    ? `${window.from === null ? "…" : formatTime(window.from, zone, "minute")} – ${window.to === null ? "now" : formatTime(window.to, zone, "minute")}`
    : RANGES[filters.range].name;
  return (
    <Popover
      label="Time"
      trigger={
        <Button>
          <Icon name="clock" size={14} /> {shown}
        </Button>
      }
    >
      <fieldset className="grid w-72 grid-cols-2 gap-1">
        <legend className="label mb-1">Up to now</legend>
        {Object.entries(RANGES).map(([range, { name }]) => (
          <PopoverClose key={range} asChild>
            <Button
              look={!isAbsolute(filters) && filters.range === range ? "primary" : "quiet"}
              className="justify-start"
              onClick={() => control.set({ range: range as Range, from: null, to: null })}
            >
              {name}
            </Button>
          </PopoverClose>
        ))}
      </fieldset>
      <form
        className="mt-3 border-t border-line pt-3"
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          const read = (name: string): string | null => {
            const entered = data.get(name);
            const at = typeof entered === "string" ? fromField(entered, zone) : null;
            return at === null ? null : toRfc3339(at);
          };
          control.set({ from: read("from"), to: read("to") });
        }}
      >
        <p className="label mb-1">From, up to but not including ({zoneName(zone, now)})</p>
        <div className="grid gap-2">
          <input type="datetime-local" name="from" aria-label="From" className={CONTROL} defaultValue={window.from === null ? "" : toField(window.from, zone)} />
          <input type="datetime-local" name="to" aria-label="To" className={CONTROL} defaultValue={window.to === null ? "" : toField(window.to, zone)} />
          <Button type="submit">Apply</Button>
        </div>
      </form>
    </Popover>
  );
}

function AllConditions({ control, rows }: { control: FilterControl; rows: readonly Summary[] }): ReactElement {
  return (
    <div className="w-72">
      <div className="grid grid-cols-1 gap-2.5">
        {FIELD_NAMES.map((field) =>
          field in CHOICES ? <Choice key={field} field={field} control={control} /> : <Exactly key={field} field={field} control={control} rows={rows} />,
        )}
      </div>
      <p className="mt-3 text-xs text-ink-3">Values are compared exactly. All conditions hold together.</p>
      <Button className="mt-2 w-full" disabled={conditions(control.filters) === 0} onClick={control.clear}>
        Clear all
      </Button>
    </div>
  );
}

const MOST_SUGGESTED = 30;

/** A value typed exactly, with those of the rows at hand as suggestions. */
function Exactly({ field, control, rows }: { field: FieldName; control: FilterControl; rows: readonly Summary[] }): ReactElement {
  const id = useId();
  const value = control.filters[field] ?? "";
  const [text, setText] = useState(value);
  const seen = useMemo(
    () => [...new Set(rows.flatMap((row) => valueOf(row, field) ?? []))].sort().slice(0, MOST_SUGGESTED),
    [rows, field],
  );
  const apply = (): void => {
    if (text !== value) control.set({ [field]: text === "" ? null : text });
  };
  return (
    <div>
      <label htmlFor={id} className="label mb-1 block">
        {FIELDS[field]}
      </label>
      <input
        id={id}
        list={`${id}-seen`}
        className={CONTROL}
        value={text}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onBlur={apply}
        onKeyDown={(event) => {
          if (event.key === "Enter") apply();
        }}
      />
      <datalist id={`${id}-seen`}>
        {seen.map((suggestion) => (
          <option key={suggestion} value={suggestion} />
        ))}
      </datalist>
    </div>
  );
}
