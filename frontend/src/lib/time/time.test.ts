import { describe, expect, it } from "vitest";
import { DAY, formatAgo, formatDuration, formatTime, fromField, fromRfc3339, HOUR, MINUTE, timeOfId, toField } from "./time";

const AT = Date.UTC(2026, 10, 24, 9, 4, 7, 5);

describe("times", () => {
  it.each([
    ["date", "2026-11-24"],
    ["time", "09:04:07"],
    ["minute", "2026-11-24 09:04"],
    ["full", "2026-11-24 09:04:07"],
    ["exact", "2026-11-24 09:04:07.005"],
  ] as const)("are written exactly, as %s", (form, text) => {
    expect(formatTime(AT, "utc", form)).toBe(text);
  });

  it("come back from the field that edits them, in both zones", () => {
    for (const zone of ["utc", "local"] as const) {
      const minute = AT - (AT % MINUTE);
      expect(fromField(toField(AT, zone), zone)).toBe(minute);
    }
  });

  it("are read out of an id of version 7 and of no other", () => {
    expect(timeOfId("019ab508-0000-7abc-8def-0123456789ab")).toBe(0x019ab5080000);
    expect(timeOfId("019ab508-0000-8abc-8def-0123456789ab")).toBeNull();
    expect(timeOfId("../../x")).toBeNull();
  });

  it("are null where the text is none", () => {
    expect(fromRfc3339("yesterday")).toBeNull();
    expect(fromRfc3339(undefined)).toBeNull();
  });

  it.each([
    [0, "now"],
    [59_000, "59 s ago"],
    [61_000, "1 min ago"],
    [3 * HOUR, "3 h ago"],
    [49 * HOUR, "2 d ago"],
    [-1, "in the future"],
  ])("lie %d ms back as %s", (past, text) => {
    expect(formatAgo(AT, AT + past)).toBe(text);
  });

  it.each([
    [12.4, "12 ms"],
    [1234, "1.23 s"],
    [12_340, "12.3 s"],
    [125_000, "2 min 5 s"],
    [DAY + 30 * MINUTE, "24 h 30 min"],
  ])("take %d ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
