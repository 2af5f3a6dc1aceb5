/** What the end-to-end tests share: a signed-in page that must stay silent, and the API itself. */

import { test as base, expect, type APIRequestContext, type Page } from "@playwright/test";

const key = process.env["AUDIT_API_KEY"] ?? "";

/** Console errors and warnings, and exceptions: each is a failure. */
function listen(page: Page): string[] {
  const said: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") said.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => said.push(error.message));
  return said;
}

export interface Fixtures {
  /** Signed in with the stack's own key. */
  readonly signedIn: Page;
  /** What the console said; a test may empty it where it provokes an error. */
  readonly said: string[];
}

export const test = base.extend<Fixtures>({
  said: [
    async ({ page }, use) => {
      expect(key, "AUDIT_API_KEY is set: `set -a; . .local/env; set +a`").not.toBe("");
      const said = listen(page);
      await use(said);
      expect(said).toEqual([]);
    },
    { auto: true },
  ],
  signedIn: async ({ page }, use) => {
    await page.addInitScript((text) => sessionStorage.setItem("audit.session", text), key);
    await use(page);
  },
});

export { expect, key };

export interface Row {
  readonly id: string;
  readonly index: number;
  readonly type: string;
  readonly outcome?: string;
  readonly title?: string;
  readonly subject?: { readonly id: string };
}

/** All rows of a filter, from the API itself. */
export async function listed(request: APIRequestContext, query: Record<string, string>): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const params: Record<string, string> = { limit: "500", ...query, ...(cursor === null ? {} : { cursor }) };
    const answer = await request.get("/api/v1/audit/logs", { params, headers: { Authorization: `Bearer ${key}` } });
    expect(answer.status()).toBe(200);
    const page = (await answer.json()) as { records: Row[]; next_cursor: string | null };
    rows.push(...page.records);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return rows;
}

/** Sends one decision, and gives its id. */
export async function send(request: APIRequestContext, decision: Record<string, unknown>, more: Record<string, unknown> = {}): Promise<string> {
  const record = { type: "decision", occurred_at: new Date().toISOString(), system: "dashboard-test", decision, ...more };
  const answer = await request.post("/api/v1/audit/log", { data: record, headers: { Authorization: `Bearer ${key}` } });
  expect(answer.status()).toBe(202);
  const { results } = (await answer.json()) as { results: { id: string }[] };
  return results[0]?.id ?? "";
}
