import { describe, expect, it } from "vitest";
import type { Summary } from "@/lib/api/client";
import { DAY } from "@/lib/time/time";
import { conditions, parsers, passes, readExclusion, toQuery, toSearch, windowOf, type Filters } from "./filters";

const NOW = Date.UTC(2026, 10, 24, 12);

const NOTHING: Filters = {
  range: "30d",
  from: null,
  to: null,
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
  order: "desc",
};

const summary: Summary = {
  id: "019ab508-0000-7abc-8def-0123456789ab",
  received_at: "2026-11-24T08:42:05.000Z",
  ledger: "demo/credit",
  index: 1,
  leaf_hash: "x",
  status: "committed",
  title: "Credit assessment",
  actor: { id: "j.okafor", type: "user" },
  outcome: "denied",
};

describe("a filter", () => {
  it.each<[string, Partial<Filters>, { from: number | null; to: number | null }]>([
    ["counts a relative range back from now", { range: "7d" }, { from: NOW - 7 * DAY, to: null }],
    ["is open for all time", { range: "all" }, { from: null, to: null }],
    ["takes absolute times over a range", { range: "7d", from: "2026-11-01T00:00:00Z" }, { from: Date.UTC(2026, 10, 1), to: null }],
    ["takes no time that is none", { range: "all", from: "soon" }, { from: null, to: null }],
  ])("%s", (_, change, window) => {
    expect(windowOf({ ...NOTHING, ...change }, NOW)).toEqual(window);
  });

  it("asks the API for what the API can filter, and for nothing empty", () => {
    const filters: Filters = { ...NOTHING, outcome: "denied", actor: "", q: "x", not: ["model:m"] };
    expect(toQuery(filters, windowOf(filters, NOW), "credit")).toEqual({
      ledger: "credit",
      order: "desc",
      from: "2026-10-25T12:00:00.000Z",
      outcome: "denied",
    });
    expect(conditions(filters)).toBe(3);
  });

  it.each<[string, Partial<Filters>, boolean]>([
    ["a part of the title in another case", { q: "ASSESS" }, true],
    ["what the title has not", { q: "payroll" }, false],
    ["an excluded value that it has", { not: ["outcome:denied"] }, false],
    ["an excluded value that it has not", { not: ["outcome:approved", "model:m"] }, true],
    ["an exclusion of a field that there is not", { not: ["colour:red"] }, true],
  ])("here by %s", (_, change, passed) => {
    expect(passes({ ...NOTHING, ...change }, summary)).toBe(passed);
  });

  it("keeps colons of an excluded value", () => {
    expect(readExclusion("model:aws:claude")).toEqual({ field: "model", value: "aws:claude" });
  });

  it("becomes a link that shows the same tomorrow, and comes back from it", () => {
    const filters: Filters = { ...NOTHING, range: "24h", not: ["subject:a,b", "outcome:denied"], system: "credit" };
    const search = toSearch(filters, "credit", NOW);
    expect(search.get("range")).toBeNull();
    expect(search.get("from")).toBe("2026-11-23T12:00:00.000Z");
    expect(search.get("to")).toBe("2026-11-24T12:00:00.000Z");
    expect(parsers.not.parse(search.get("not") ?? "")).toEqual(filters.not);
    expect(search.get("system")).toBe("credit");
  });
});
