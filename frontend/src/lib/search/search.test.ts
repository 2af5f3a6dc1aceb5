import { describe, expect, it } from "vitest";
import type { ListQuery, RecordPage, Summary } from "@/lib/api/client";
import type { Filters } from "@/lib/filters/filters";
import { findNeighbours } from "./neighbours";
import { PAGE_ROWS, readAll, readPage, type Ask, type Search } from "./search";

const idOf = (nth: number): string => `019ab508-${nth.toString(16).padStart(4, "0")}-7abc-8def-0123456789ab`;

function summaries(count: number): Summary[] {
  return Array.from({ length: count }, (_, nth) => ({
    id: idOf(nth),
    received_at: "2026-11-24T08:42:05.000Z",
    ledger: "demo/credit",
    index: nth + 1,
    leaf_hash: "",
    status: "committed",
    title: nth % 50 === 0 ? "rare" : "frequent",
  }));
}

/** An API of `count` records in answers of at most `most`, that counts what it is asked. */
function api(count: number, most: number): { ask: Ask; asked: ListQuery[] } {
  const asked: ListQuery[] = [];
  const time = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  const ask: Ask = (query, signal) => {
    signal?.throwIfAborted();
    asked.push(query);
    let all = summaries(count).filter(
      ({ id }) => time(id) >= Date.parse(query.from ?? "1970-01-01") && time(id) < Date.parse(query.to ?? "2100-01-01"),
    );
    if (query.order !== "asc") all = all.reverse();
    const start = Number(query.cursor ?? 0);
    const end = start + Math.min(query.limit ?? 50, most);
    const page: RecordPage = {
      records: all.slice(start, end),
      next_cursor: end < all.length ? end.toString() : null,
      ledger: "demo/credit",
      size: count + 1,
      searched: { from: null, to: null },
      eventual: false,
    };
    return Promise.resolve(page);
  };
  return { ask, asked };
}

function search(change: Partial<Filters> = {}): Search {
  const filters = { range: "all", q: "", not: [], order: "desc", ...change } as unknown as Filters;
  return { filters, window: { from: null, to: null }, ledger: "credit" };
}

const quiet = (): void => undefined;

describe("a search", () => {
  it("reads a page in one answer where the API filters", async () => {
    const { ask, asked } = api(1000, 500);
    const page = await readPage(search(), null, new AbortController().signal, quiet, ask);
    expect(page.records).toHaveLength(PAGE_ROWS);
    expect(asked).toHaveLength(1);
  });

  it("goes on over answers without a match until it is through", async () => {
    const { ask, asked } = api(1000, 100);
    const seen: number[] = [];
    const page = await readPage(search({ q: "rare" }), null, new AbortController().signal, (p) => seen.push(p.examined), ask);
    expect(page.records).toHaveLength(20);
    expect(page.next).toBeNull();
    expect(page.examined).toBe(1000);
    expect(asked).toHaveLength(10);
    expect(seen).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900]);
  });

  it("gives each match once over all of its pages", async () => {
    const { ask } = api(1203, 100);
    const ids: string[] = [];
    for await (const page of readAll(search(), new AbortController().signal, ask)) ids.push(...page.records.map(({ id }) => id));
    expect(ids).toEqual(summaries(1203).map(({ id }) => id).reverse());
  });

  it("stops when it is told to", async () => {
    const { ask } = api(1000, 100);
    const stop = new AbortController();
    await expect(
      readPage(search({ q: "rare" }), null, stop.signal, () => stop.abort(), ask),
    ).rejects.toThrow();
  });
});

describe("neighbours", () => {
  it.each([
    [5, 4, 6],
    [0, null, 1],
    [9, 8, null],
  ])("of record %d are %s and %s", async (nth, older, newer) => {
    const { ask } = api(10, 3);
    const found = await findNeighbours(idOf(nth), search(), new AbortController().signal, ask);
    expect(found).toEqual({ older: older === null ? null : idOf(older), newer: newer === null ? null : idOf(newer) });
  });

  it("are none, unasked, where the record lies before the filter's time", async () => {
    const { ask, asked } = api(10, 500);
    const later = { ...search(), window: { from: Date.UTC(2030, 0, 1), to: null } };
    const found = await findNeighbours(idOf(5), later, new AbortController().signal, ask);
    expect(found).toEqual({ older: null, newer: null });
    expect(asked.map(({ order }) => order)).toEqual(["asc"]);
  });

  it("pass over what the filter leaves out", async () => {
    const { ask } = api(120, 500);
    const found = await findNeighbours(idOf(60), search({ q: "rare" }), new AbortController().signal, ask);
    expect(found).toEqual({ older: idOf(50), newer: idOf(100) });
  });
});
