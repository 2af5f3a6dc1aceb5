import { describe, expect, it } from "vitest";
import type { RecordPage, Summary } from "@/lib/api/client";
import type { Ask } from "@/lib/search/search";
import { MOST_HELD, poll, type Feed } from "./feed";

const BASE = 0x019ab5080000;

function row(nth: number, index = nth): Summary {
  const hex = (BASE + nth * 1000).toString(16).padStart(12, "0");
  return {
    id: `${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8def-0123456789ab`,
    received_at: "2026-11-24T08:42:05.000Z",
    ledger: "demo/credit",
    index,
    leaf_hash: "",
    status: "committed",
  };
}

function api(all: Summary[]): Ask {
  return (query): Promise<RecordPage> => {
    const from = Date.parse(query.from ?? "1970-01-01");
    const found = all.filter(({ id }) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) >= from).sort((a, b) => (a.id < b.id ? 1 : -1));
    const start = Number(query.cursor ?? 0);
    const end = start + (query.limit ?? 50);
    return Promise.resolve({
      records: found.slice(start, end),
      next_cursor: end < found.length ? end.toString() : null,
      ledger: "demo/credit",
      size: all.length,
      searched: { from: null, to: null },
      eventual: false,
    });
  };
}

const ask = (all: Summary[], before?: Feed): Promise<Feed> =>
  poll({ ledger: "credit" }, before, BASE + 10_000_000, new AbortController().signal, api(all));

const rows = (from: number, to: number): Summary[] => Array.from({ length: to - from }, (_, nth) => row(from + nth));
const indexes = (feed: Feed): number[] => feed.records.map(({ index }) => index);

describe("the feed", () => {
  it("begins with the newest and calls none of them new", async () => {
    const feed = await ask(rows(0, 300));
    expect(indexes(feed)[0]).toBe(299);
    expect(feed.records).toHaveLength(100);
    expect(feed.fresh.size).toBe(0);
  });

  it("brings each record once", async () => {
    let feed = await ask(rows(0, 10));
    feed = await ask(rows(0, 14), feed);
    expect(feed.fresh.size).toBe(4);
    feed = await ask(rows(0, 14), feed);
    expect(feed.fresh.size).toBe(0);
    expect(indexes(feed)).toEqual(rows(0, 14).map(({ index }) => index).reverse());
  });

  it("takes a record that was made before the newest and came after it", async () => {
    const first = await ask(rows(0, 10));
    const late = { ...row(5.5, 10) };
    const feed = await ask([...rows(0, 10), late], first);
    expect([...feed.fresh]).toEqual([late.id]);
    expect(indexes(feed)[0]).toBe(10);
  });

  it("holds no more than it draws, and says that a burst was longer", async () => {
    const first = await ask(rows(0, 5));
    const feed = await ask(rows(0, 2500), first);
    expect(feed.records).toHaveLength(MOST_HELD);
    expect(feed.skipped).toBe(true);
    expect(indexes(feed)[0]).toBe(2499);
    const after = await ask(rows(0, 2500), feed);
    expect(after.fresh.size).toBe(0);
  });
});
