import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import { exclusion, parsers, type FieldName, type Filters } from "./filters";

export interface FilterControl {
  readonly filters: Filters;
  /** Changes a part; each change is a step that "back" undoes. */
  readonly set: (change: Partial<Filters>) => void;
  readonly add: (field: FieldName, value: string) => void;
  readonly exclude: (field: FieldName, value: string) => void;
  readonly clear: () => void;
}

const CLEARED = {
  type: null,
  outcome: null,
  risk_level: null,
  actor: null,
  subject: null,
  system: null,
  model: null,
  provider: null,
  environment: null,
  q: "",
  not: [],
} as const;

export function useFilters(): FilterControl {
  const [filters, setFilters] = useQueryStates(parsers, { history: "push", clearOnDefault: true });
  return useMemo(() => {
    const set = (change: Partial<Filters>): void => void setFilters(change);
    return {
      filters,
      set,
      add: (field, value) => set({ [field]: value, not: filters.not.filter((text) => text !== exclusion(field, value)) }),
      exclude: (field, value) =>
        set({
          not: [...new Set([...filters.not, exclusion(field, value)])],
          ...(filters[field] === value ? { [field]: null } : {}),
        }),
      clear: () => void setFilters({ ...CLEARED, not: [] }),
    };
  }, [filters, setFilters]);
}
