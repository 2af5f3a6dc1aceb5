import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, listed, test } from "./dashboard";

test("filters show what the API itself answers, in its order", async ({ signedIn: page, request }) => {
  await page.goto("/?ledger=credit&range=all");
  await page.getByRole("combobox", { name: "Outcome" }).first().selectOption("denied");
  await page.getByRole("combobox", { name: "Risk" }).first().selectOption("high");
  const rows = await listed(request, { ledger: "credit", outcome: "denied", risk_level: "high" });
  expect(rows.length).toBeGreaterThan(0);
  await expect(page.getByRole("status").filter({ hasText: `${rows.length.toString()} record` })).toBeVisible();
  const links = page.locator("tbody a[id^=row-]");
  const shown = await links.evaluateAll((found) => found.map((link) => link.id.slice("row-".length)));
  expect(shown.length).toBeGreaterThan(0);
  expect(shown).toEqual(rows.slice(0, shown.length).map(({ id }) => id));
  await expect(page).toHaveURL(/outcome=denied/);
  await page.goBack();
  await expect(page).not.toHaveURL(/risk_level/);
});

test("a cell's value is added to the filter and excluded from it", async ({ signedIn: page, request }) => {
  await page.goto("/?ledger=credit&range=all");
  await page.getByRole("button", { name: /^More of/ }).first().click();
  await page.getByRole("button", { name: /^Without Type/ }).first().click();
  await expect(page.getByText(/^Type is not/)).toBeVisible();
  const rows = await listed(request, { ledger: "credit" });
  const rest = rows.filter(({ type }) => type !== rows[0]?.type);
  await expect(async () => {
    const shown = await page.locator("tbody a[id^=row-]").evaluateAll((links) => links.map((link) => link.id.slice("row-".length)));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown).toEqual(rest.slice(0, shown.length).map(({ id }) => id));
  }).toPass();
  await page.getByRole("button", { name: /^Remove: Type is not/ }).click();
  await expect(page).not.toHaveURL(/not=/);
});

test("all rows are reached by scrolling, each once", async ({ signedIn: page, request }) => {
  const rows = await listed(request, { ledger: "credit" });
  await page.goto("/?ledger=credit&range=all");
  await expect(page.locator("tbody a[id^=row-]").first()).toBeVisible();
  const seen = new Set<string>();
  await expect(async () => {
    const ids = await page.locator("tbody a[id^=row-]").evaluateAll((links) => links.map((link) => link.id.slice(4)));
    for (const id of ids) seen.add(id);
    await page.mouse.move(700, 600);
    await page.mouse.wheel(0, 500);
    expect(seen.size).toBe(rows.length);
  }).toPass({ intervals: [30], timeout: 30_000 });
  expect([...seen].sort()).toEqual(rows.map(({ id }) => id).sort());
});

test("the keyboard goes down, opens a record, and back comes to the same row", async ({ signedIn: page }) => {
  await page.goto("/?ledger=credit&range=all");
  await expect(page.locator("tbody a[id^=row-]").first()).toBeVisible();
  for (let step = 0; step < 45; step += 1) await page.keyboard.press("j");
  const focused = page.locator("a[id^=row-]:focus");
  await expect(focused).toBeVisible();
  const id = await focused.getAttribute("id");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/record\/\?id=/);
  await expect(page.locator("[data-verdict=holds]")).toBeVisible();
  await page.goBack();
  await expect(page.locator(`#${id ?? ""}`)).toBeInViewport();
});

test("shortcuts are listed, and can be turned off", async ({ signedIn: page }) => {
  await page.goto("/?ledger=credit");
  await expect(page.locator("tbody a[id^=row-]").first()).toBeVisible();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Shortcuts" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel("Shortcuts of a single key").uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Shortcuts" })).toHaveCount(0);
});

test("the export has the API's rows in the API's order, and the hash that it states", async ({ signedIn: page, request }) => {
  await page.goto("/?ledger=hiring&range=all&type=decision");
  await page.getByRole("button", { name: "Export as CSV" }).click();
  await page.getByRole("button", { name: "Read all rows" }).click();
  const link = page.getByRole("link", { name: "Save the file" });
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const bytes = readFileSync(await download.path());
  const rows = await listed(request, { ledger: "hiring", type: "decision" });
  const lines = bytes.toString("utf8").trimEnd().split("\r\n");
  expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual(rows.map(({ id }) => id));
  await expect(page.getByText(createHash("sha256").update(bytes).digest("hex"))).toBeVisible();
  await expect(page.getByRole("dialog")).toContainText(`${rows.length.toString()} of a ledger`);
});

test("nothing found says what to do", async ({ signedIn: page }) => {
  await page.goto("/?ledger=credit&range=all&subject=nobody-of-this-name");
  await expect(page.getByText("No record matches")).toBeVisible();
  await page.getByRole("button", { name: "Clear the filter" }).click();
  await expect(page.locator("tbody a[id^=row-]").first()).toBeVisible();
});
