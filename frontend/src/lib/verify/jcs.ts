/**
 * Canonical JSON (RFC 8785). Its numbers and strings are ECMAScript's own, and JavaScript compares
 * strings by UTF-16 code units, as section 3.2.3 wants.
 */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export function jcs(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(Object.is(value, -0) ? 0 : value);
  if (Array.isArray(value)) return `[${value.map(jcs).join(",")}]`;
  const names = Object.keys(value).sort((a, b) => (a < b ? -1 : 1));
  return `{${names.map((name) => `${JSON.stringify(name)}:${jcs(value[name] ?? null)}`).join(",")}}`;
}
