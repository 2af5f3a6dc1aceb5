/**
 * Times as people read them: exact by default, in UTC or in the zone of this machine. The wire has
 * RFC 3339; here times are milliseconds since 1970.
 */

export type Zone = "utc" | "local";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const two = (number: number): string => number.toString().padStart(2, "0");

interface Pieces {
  date: string;
  time: string;
  ms: string;
}

function pieces(at: number, zone: Zone): Pieces {
  const d = new Date(at);
  const [year, month, day, hour, minute, second] =
    zone === "utc"
      ? [d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()]
      : [d.getFullYear(), d.getMonth(), d.getDate(), d.getHours(), d.getMinutes(), d.getSeconds()];
  return {
    date: `${year.toString().padStart(4, "0")}-${two(month + 1)}-${two(day)}`,
    time: `${two(hour)}:${two(minute)}:${two(second)}`,
    ms: d.getUTCMilliseconds().toString().padStart(3, "0"),
  };
}

/** `2026-11-24`, `09:41:07` or both, with milliseconds where they are asked for. */
export function formatTime(at: number, zone: Zone, form: "full" | "minute" | "date" | "time" | "exact" = "full"): string {
  const { date, time, ms } = pieces(at, zone);
  switch (form) {
    case "date":
      return date;
    case "time":
      return time;
    case "minute":
      return `${date} ${time.slice(0, 5)}`;
    case "exact":
      return `${date} ${time}.${ms}`;
    case "full":
      return `${date} ${time}`;
  }
}

/** The zone's name for a column head: `UTC`, or `UTC+02:00` as this machine stands at that time. */
export function zoneName(zone: Zone, at: number): string {
  if (zone === "utc") return "UTC";
  const minutes = -new Date(at).getTimezoneOffset();
  if (minutes === 0) return "UTC+00:00";
  const distance = Math.abs(minutes);
  return `UTC${minutes < 0 ? "−" : "+"}${two(Math.floor(distance / 60))}:${two(distance % 60)}`;
}

/** `3 min ago`, in addition to an exact time and never instead of it. */
export function formatAgo(at: number, now: number): string {
  const past = now - at;
  if (past < 0) return "in the future";
  if (past < 5 * SECOND) return "now";
  if (past < MINUTE) return `${Math.floor(past / SECOND).toString()} s ago`;
  if (past < HOUR) return `${Math.floor(past / MINUTE).toString()} min ago`;
  if (past < DAY) return `${Math.floor(past / HOUR).toString()} h ago`;
  return `${Math.floor(past / DAY).toString()} d ago`;
}

/** How long something took, in its largest sensible unit. */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms).toString()} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(ms < 10 * SECOND ? 2 : 1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE).toString()} min ${Math.round((ms % MINUTE) / SECOND).toString()} s`;
  return `${Math.floor(ms / HOUR).toString()} h ${Math.round((ms % HOUR) / MINUTE).toString()} min`;
}

/** RFC 3339 in UTC, to the millisecond. */
export function toRfc3339(at: number): string {
  return new Date(at).toISOString();
}

/** Reads RFC 3339, or null. */
export function fromRfc3339(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** The time in a UUIDv7 (RFC 9562 section 5.7), or null where the text is none. */
export function timeOfId(id: string): number | null {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)) return null;
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The value of a `datetime-local` field for a time, and back, in the zone that is shown. */
export function toField(at: number, zone: Zone): string {
  const { date, time } = pieces(at, zone);
  return `${date}T${time.slice(0, 5)}`;
}

export function fromField(text: string, zone: Zone): number | null {
  const at = Date.parse(zone === "utc" ? `${text}Z` : text);
  return Number.isNaN(at) ? null : at;
}
