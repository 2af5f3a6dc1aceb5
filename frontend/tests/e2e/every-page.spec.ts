/** What holds for every page: no violation that axe knows of, in both themes and three widths. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type axe from "axe-core";
import { expect, listed, test } from "./dashboard";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(source);
  return page.evaluate(async () => {
    const { axe: checker } = window as unknown as { axe: typeof axe };
    const { violations: found } = await checker.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  });
}

const PAGES = {
  explorer: "/?ledger=credit&range=all",
  live: "/live/?ledger=credit",
  record: "/record/?ledger=credit&id=",
  "404": "/no-such-page",
} as const;

for (const scheme of ["light", "dark"] as const) {
  for (const width of [390, 768, 1440]) {
    for (const [name, address] of Object.entries(PAGES)) {
      test(`${name} is clean by axe, ${scheme}, ${width.toString()} px`, async ({ signedIn: page, request, said }) => {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
        await page.setViewportSize({ width, height: 900 });
        const id = name === "record" ? ((await listed(request, { ledger: "credit", type: "decision", outcome: "denied", system: "credit-decisions" }))[0]?.id ?? "") : "";
        await page.goto(address + id);
        await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
        if (name === "record") await expect(page.locator("[data-verdict]")).toBeVisible();
        if (name === "explorer") await expect(page.locator("tbody a[id^=row-]").first()).toBeVisible();
        if (name === "live") await expect(page.getByRole("list", { name: "Records, the newest first" })).toBeVisible();
        expect(await violations(page)).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, "nothing is wider than the page").toBeLessThanOrEqual(0);
        if (name === "404") said.splice(0);
      });
    }
    test(`sign-in is clean by axe, ${scheme}, ${width.toString()} px`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 900 });
      await page.goto("/sign-in/");
      await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
      expect(await violations(page)).toEqual([]);
    });
  }
}

test("every menu and dialog opens under the content security policy without a word in the console", async ({ signedIn: page }) => {
  await page.goto("/?ledger=credit&range=all");
  await expect(page.locator("tbody a[id^=row-]").first()).toBeVisible();
  for (const name of ["Settings", "Saved views", "Columns and density", /^All time/, /^Filter/]) {
    await page.getByRole("button", { name }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  await page.getByRole("button", { name: "Export as CSV" }).click();
  await expect(page.getByRole("dialog", { name: "Export as CSV" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test("the policy that is served allows no inline script and no other host", async ({ request }) => {
  const policy = (await request.get("/")).headers()["content-security-policy"] ?? "";
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("style-src 'self'");
  expect(policy).not.toContain("unsafe");
  expect(policy).not.toContain("http");
});
