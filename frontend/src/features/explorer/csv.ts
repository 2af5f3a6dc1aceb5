/**
 * A filter's whole result as CSV (RFC 4180): the list's rows in the list's order, times in UTC, no
 * preview among its columns. The same rows give the same bytes.
 */

import { fetchList, fetchRecord, type RecordAnswer, type Summary } from "@/lib/api/client";
import { asObject, asText } from "@/lib/record/loose";
import { readAll, type Ask, type Search } from "@/lib/search/search";
import { sha256Hex, utf8 } from "@/lib/verify/hashes";

type Cell = string | number | null | undefined;

const COLUMNS: readonly (readonly [name: string, value: (summary: Summary) => Cell])[] = [
  ["id", (row) => row.id],
  ["type", (row) => row.type],
  ["occurred_at_utc", (row) => utc(row.occurred_at)],
  ["received_at_utc", (row) => utc(row.received_at)],
  ["ledger", (row) => row.ledger],
  ["index", (row) => row.index],
  ["system", (row) => row.system],
  ["environment", (row) => row.environment],
  ["actor_id", (row) => row.actor?.id],
  ["actor_type", (row) => row.actor?.type],
  ["subject_id", (row) => row.subject?.id],
  ["subject_category", (row) => row.subject?.category],
  ["outcome", (row) => row.outcome],
  ["risk_level", (row) => row.risk_level],
  ["model", (row) => row.model],
  ["provider", (row) => row.provider],
  ["decision_id", (row) => row.decision_id],
  ["parent_id", (row) => row.parent_id],
  ["trace_id", (row) => row.trace_id],
  ["erased", (row) => (row.erased === true ? "true" : "false")],
  ["leaf_hash", (row) => row.leaf_hash],
];

/** A client's time may have any offset; the file has one. */
function utc(time: string | null | undefined): string | null {
  if (time === null || time === undefined) return null;
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : new Date(at).toISOString();
}

/**
 * One cell. A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV
 * injection).
 */
export function cell(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return value.toString();
  const tame = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}

export const HEAD = `${COLUMNS.map(([name]) => name).join(",")}\r\n`;

export function line(summary: Summary): string {
  return `${COLUMNS.map(([, value]) => cell(value(summary))).join(",")}\r\n`;
}

/** From here on a list's text may be cut: 256 bytes, less what a cut within a letter takes. */
const MAYBE_CUT_BYTES = 253;

function maybeCut(summary: Summary): boolean {
  const free = [summary.outcome, summary.model, summary.provider, summary.subject?.category];
  return free.some((text) => typeof text === "string" && utf8(text).length >= MAYBE_CUT_BYTES);
}

/** The summary with the record's own full texts. */
function whole(summary: Summary, { record }: RecordAnswer): Summary {
  const attributes = asObject(record.attributes);
  const outcome = asText(asObject(record.decision)["outcome"]);
  const model = asText(attributes["gen_ai.response.model"]) ?? asText(attributes["gen_ai.request.model"]);
  const provider = asText(attributes["gen_ai.provider.name"]);
  const category = asText(asObject(record.subject)["category"]);
  return {
    ...summary,
    ...(outcome === null ? {} : { outcome }),
    ...(model === null ? {} : { model }),
    ...(provider === null ? {} : { provider }),
    ...(category === null ? {} : { subject: { ...summary.subject, category } }),
  };
}

export interface Export {
  readonly blob: Blob;
  readonly rows: number;
  readonly sha256: string;
  readonly size: number;
}

interface Sources {
  readonly ask: Ask;
  readonly record: typeof fetchRecord;
}

/** Reads the whole result. `onRows` hears how many rows there are so far. */
export async function exportCsv(
  search: Search,
  signal: AbortSignal,
  onRows: (rows: number) => void,
  { ask, record }: Sources = { ask: fetchList, record: fetchRecord },
): Promise<Export> {
  const lines = [HEAD];
  let size = 0;
  for await (const page of readAll(search, signal, ask)) {
    size = page.size;
    for (const summary of page.records) {
      const full = maybeCut(summary) ? whole(summary, await record(summary.id, search.ledger, signal)) : summary;
      lines.push(line(full));
    }
    onRows(lines.length - 1);
  }
  const bytes = utf8(lines.join(""));
  return {
    blob: new Blob([bytes], { type: "text/csv;charset=utf-8" }),
    rows: lines.length - 1,
    sha256: await sha256Hex(bytes),
    size,
  };
}
