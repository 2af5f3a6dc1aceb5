/**
 * What is looked for. The URL holds all of it, so that a view can be gone back to, kept and passed
 * on; the explorer, a record's neighbours and an export all read the same.
 */

import { parseAsArrayOf, parseAsString, parseAsStringLiteral, type inferParserType } from "nuqs";
import type { ListQuery, Summary } from "@/lib/api/client";
import { DAY, fromRfc3339, HOUR, toRfc3339 } from "@/lib/time/time";

/** The fields that the API filters by, and their names on the page. */
export const FIELDS = {
  type: "Type",
  outcome: "Outcome",
  risk_level: "Risk",
  actor: "Actor",
  subject: "Subject",
  system: "System",
  model: "Model",
  provider: "Provider",
  environment: "Environment",
} as const;

export type FieldName = keyof typeof FIELDS;

export const FIELD_NAMES = Object.keys(FIELDS) as FieldName[];

/** Ranges that end now. */
export const RANGES = {
  "1h": { name: "Last hour", span: HOUR },
  "24h": { name: "Last 24 hours", span: DAY },
  "7d": { name: "Last 7 days", span: 7 * DAY },
  "30d": { name: "Last 30 days", span: 30 * DAY },
  "90d": { name: "Last 90 days", span: 90 * DAY },
  all: { name: "All time", span: null },
} as const;

export type Range = keyof typeof RANGES;

const RANGE_NAMES = Object.keys(RANGES) as Range[];

/** How each filter stands in the URL. */
export const parsers = {
  range: parseAsStringLiteral(RANGE_NAMES).withDefault("30d"),
  from: parseAsString,
  to: parseAsString,
  type: parseAsString,
  outcome: parseAsString,
  risk_level: parseAsString,
  actor: parseAsString,
  subject: parseAsString,
  system: parseAsString,
  model: parseAsString,
  provider: parseAsString,
  environment: parseAsString,
  /** Part of the title; looked for here, among the records that the other filters leave. */
  q: parseAsString.withDefault(""),
  /** `field:value`: what is left out, here as well. */
  not: parseAsArrayOf(parseAsString).withDefault([]),
  order: parseAsStringLiteral(["desc", "asc"] as const).withDefault("desc"),
};

export type Filters = inferParserType<typeof parsers>;

/** A stretch of time in milliseconds, open where null. */
export interface Window {
  readonly from: number | null;
  readonly to: number | null;
}

/** The window of a filter, with relative ranges counted back from `now`. */
export function windowOf(filters: Pick<Filters, "range" | "from" | "to">, now: number): Window {
  const from = fromRfc3339(filters.from);
  const to = fromRfc3339(filters.to);
  if (from !== null || to !== null) return { from, to };
  const { span } = RANGES[filters.range];
  return { from: span === null ? null : now - span, to: null };
}

export function isAbsolute(filters: Pick<Filters, "from" | "to">): boolean {
  return filters.from !== null || filters.to !== null;
}

/** The question for the API. */
export function toQuery(filters: Filters, window: Window, ledger: string): ListQuery {
  const query: Record<string, string> = { ledger, order: filters.order };
  if (window.from !== null) query["from"] = toRfc3339(window.from);
  if (window.to !== null) query["to"] = toRfc3339(window.to);
  for (const field of FIELD_NAMES) {
    const value = filters[field];
    if (value !== null && value !== "") query[field] = value;
  }
  return query;
}

/** A summary's value of a field; null where it has none. */
export function valueOf(summary: Summary, field: FieldName): string | null {
  switch (field) {
    case "actor":
      return summary.actor?.id ?? null;
    case "subject":
      return summary.subject?.id ?? null;
    default:
      return summary[field] ?? null;
  }
}

export function exclusion(field: FieldName, value: string): string {
  return `${field}:${value}`;
}

/** The field and value of an exclusion, or null where it names no field. */
export function readExclusion(text: string): { field: FieldName; value: string } | null {
  const at = text.indexOf(":");
  const field = FIELD_NAMES.find((name) => name === text.slice(0, at));
  return field === undefined ? null : { field, value: text.slice(at + 1) };
}

/** Whether a part of the filter is looked at here instead of by the API. */
export function filtersHere(filters: Filters): boolean {
  return filters.q !== "" || filters.not.length > 0;
}

/** The part of the filter that is looked at here. */
export function passes(filters: Pick<Filters, "q" | "not">, summary: Summary): boolean {
  const sought = filters.q.trim().toLowerCase();
  if (sought !== "" && !(summary.title ?? "").toLowerCase().includes(sought)) return false;
  return !filters.not.some((text) => {
    const left = readExclusion(text);
    return left !== null && valueOf(summary, left.field) === left.value;
  });
}

/** How many conditions a filter has besides its time. */
export function conditions(filters: Filters): number {
  const fields = FIELD_NAMES.filter((field) => (filters[field] ?? "") !== "").length;
  return fields + filters.not.length + (filters.q === "" ? 0 : 1);
}

/** The filter as the URL's search, its relative range counted from `now`, so that it shows the same tomorrow. */
export function toSearch(filters: Filters, ledger: string, fixedAt: number | null): URLSearchParams {
  const search = new URLSearchParams({ ledger });
  const window = fixedAt === null || isAbsolute(filters) ? null : windowOf(filters, fixedAt);
  if (window === null) {
    if (filters.from !== null) search.set("from", filters.from);
    if (filters.to !== null) search.set("to", filters.to);
    if (!isAbsolute(filters) && filters.range !== "30d") search.set("range", filters.range);
  } else {
    if (window.from !== null) search.set("from", toRfc3339(window.from));
    search.set("to", toRfc3339(fixedAt ?? 0));
  }
  for (const field of FIELD_NAMES) if ((filters[field] ?? "") !== "") search.set(field, filters[field] ?? "");
  if (filters.q !== "") search.set("q", filters.q);
  if (filters.not.length > 0) search.set("not", filters.not.map((text) => text.replaceAll(",", "%2C")).join(","));
  if (filters.order !== "desc") search.set("order", filters.order);
  return search;
}
