import { describe, expect, it } from "vitest";
import type { RecordAnswer, RecordPage, Summary } from "@/lib/api/client";
import type { Filters } from "@/lib/filters/filters";
import type { Search } from "@/lib/search/search";
import { cell, exportCsv, HEAD, line } from "./csv";

const row = (change: Partial<Summary> = {}): Summary => ({
  id: "019ab508-0000-7abc-8def-0123456789ab",
  received_at: "2026-11-24T08:42:05.000Z",
  occurred_at: "2026-11-24T09:42:00+01:00",
  ledger: "demo/credit",
  index: 7,
  leaf_hash: "leaf",
  status: "committed",
  ...change,
});

const search: Search = {
  filters: { q: "", not: [], order: "desc" } as unknown as Filters,
  window: { from: null, to: null },
  ledger: "credit",
};

function answer(records: Summary[], next: string | null): RecordPage {
  return { records, next_cursor: next, ledger: "demo/credit", size: 9, searched: { from: null, to: null }, eventual: false };
}

const noRecord = (): Promise<RecordAnswer> => Promise.reject(new Error("No record is needed."));

describe("a cell", () => {
  it.each([
    ["plain", "plain"],
    ['say "no", twice', '"say ""no"", twice"'],
    ["two\nlines", '"two\nlines"'],
    ["=HYPERLINK(1)", "'=HYPERLINK(1)"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ["\r=1", '"\'\r=1"'],
    ["", ""],
    [null, ""],
    [0, "0"],
  ])("has %j as %j", (value, text) => {
    expect(cell(value)).toBe(text);
  });
});

describe("an export", () => {
  it("has times in UTC and as many cells in each line as in its head", () => {
    const text = line(row());
    expect(text).toContain("2026-11-24T08:42:00.000Z,2026-11-24T08:42:05.000Z");
    expect(text.split(",")).toHaveLength(HEAD.split(",").length);
  });

  it("has every row of every page, in the list's order, and its own hash", async () => {
    const pages = [answer([row({ index: 3 }), row({ index: 2 })], "c"), answer([row({ index: 1 })], null)];
    const counts: number[] = [];
    const ask = (): Promise<RecordPage> => Promise.resolve(pages.shift() ?? answer([], null));
    const made = await exportCsv(search, new AbortController().signal, (rows) => counts.push(rows), { ask, record: noRecord });
    expect(made.rows).toBe(3);
    expect(counts).toEqual([2, 3]);
    expect(made.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(made.blob.size).toBe((HEAD + [3, 2, 1].map((index) => line(row({ index }))).join("")).length);
  });

  it("takes from the record what a list may have cut", async () => {
    const long = "m".repeat(300);
    const ask = (): Promise<RecordPage> => Promise.resolve(answer([row({ model: long.slice(0, 256) })], null));
    const record = (): Promise<RecordAnswer> =>
      Promise.resolve({ record: { attributes: { "gen_ai.response.model": long } } } as unknown as RecordAnswer);
    const short = await exportCsv(search, new AbortController().signal, () => undefined, { ask, record });
    expect(short.blob.size).toBe((HEAD + line(row({ model: long }))).length);
  });
});
