import type { ReactElement } from "react";
import { FIELD_NAMES, FIELDS, readExclusion } from "@/lib/filters/filters";
import type { FilterControl } from "@/lib/filters/use-filters";
import { typeName } from "@/components/record/marks";
import { Icon } from "@/components/ui/icon";

interface Chip {
  readonly key: string;
  readonly name: string;
  readonly verb: string;
  readonly value: string;
  readonly remove: () => void;
}

function chips({ filters, set }: FilterControl): Chip[] {
  const shown = (field: string, value: string): string => (field === "type" ? typeName(value) : value);
  const found: Chip[] = FIELD_NAMES.flatMap((field) => {
    const value = filters[field];
    if (value === null || value === "") return [];
    return [{ key: field, name: FIELDS[field], verb: "is", value: shown(field, value), remove: () => set({ [field]: null }) }];
  });
  for (const text of filters.not) {
    const left = readExclusion(text);
    if (left === null) continue;
    const remove = (): void => set({ not: filters.not.filter((other) => other !== text) });
    found.push({ key: text, name: FIELDS[left.field], verb: "is not", value: shown(left.field, left.value), remove });
  }
  if (filters.q !== "") found.push({ key: "q", name: "Title", verb: "has", value: `“${filters.q}”`, remove: () => set({ q: "" }) });
  return found;
}

/** The conditions that hold, each with a way out. */
export function ActiveFilters({ control }: { control: FilterControl }): ReactElement | null {
  const active = chips(control);
  if (active.length === 0) return null;
  return (
    <ul aria-label="Conditions" className="flex flex-wrap items-center gap-1.5 px-4 pb-2">
      {active.map(({ key, name, verb, value, remove }) => (
        <li key={key} className="inline-flex h-6 max-w-full items-center rounded bg-accent-soft ps-2 text-xs text-ink">
          <span className="truncate">
            <span className="text-ink-2">
              {name} {verb}
            </span>{" "}
            <span className="font-medium">{value}</span>
          </span>
          <button type="button" aria-label={`Remove: ${name} ${verb} ${value}`} className="inline-flex size-6 items-center justify-center text-ink-2 hover:text-ink" onClick={remove}>
            <Icon name="close" size={11} />
          </button>
        </li>
      ))}
      {active.length > 1 ? (
        <li>
          <button type="button" className="h-6 rounded px-1.5 text-xs font-medium text-accent hover:underline" onClick={control.clear}>
            Clear all
          </button>
        </li>
      ) : null}
    </ul>
  );
}
