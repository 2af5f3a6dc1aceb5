import { beforeEach, describe, expect, it } from "vitest";
import { apiKeyCredential } from "./credential";
import { currentSession, endSession, signIn } from "./session";

const KEY = `aal_${"a".repeat(16)}_${"S".repeat(43)}`;

describe("a credential", () => {
  it.each([
    ["a key", KEY, true],
    ["a key with white space around it", `  ${KEY}\n`, true],
    ["nothing", "", false],
    ["a key that is cut", KEY.slice(0, -1), false],
    ["a key with an upper-case id", KEY.replace("aaaa", "AAAA"), false],
    ["a header", `Bearer ${KEY}`, false],
  ])("is made of %s", (_, text, valid) => {
    expect(apiKeyCredential(text) !== null).toBe(valid);
  });

  it("gives the header and never shows the secret", async () => {
    const credential = apiKeyCredential(KEY);
    expect(await credential?.authorization()).toBe(`Bearer ${KEY}`);
    expect(credential?.label).not.toContain("SSSS");
  });
});

describe("a session", () => {
  beforeEach(() => endSession("signed-out"));

  it("keeps its key in this tab alone and forgets it at the end", () => {
    signIn(KEY);
    expect(currentSession().state).toBe("open");
    expect(JSON.stringify(localStorage)).not.toContain(KEY);
    endSession("refused");
    expect(currentSession()).toEqual({ state: "none", ended: "refused" });
    expect(sessionStorage.length).toBe(0);
  });
});
