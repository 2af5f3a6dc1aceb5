import { describe, expect, it } from "vitest";
import { onward } from "./onward";

describe("the way after signing in", () => {
  it.each([
    ["/record/?id=1", "/record/?id=1"],
    ["/live/", "/live/"],
    [undefined, "/"],
    [["/a", "/b"], "/"],
    ["https://elsewhere.example/", "/"],
    ["//elsewhere.example/", "/"],
    ["/\\elsewhere.example/", "/"],
    ["javascript:alert(1)", "/"],
  ])("for %j leads to %s", (asked, way) => {
    expect(onward(asked)).toBe(way);
  });
});
