import { expect, send, test } from "./dashboard";

test("records appear by themselves, each once, and the page says how it hears of them", async ({ signedIn: page, request }) => {
  await page.goto("/live/?ledger=credit");
  const feed = page.getByRole("list", { name: "Records, the newest first" });
  await expect(feed).toBeVisible();
  await expect(page.getByText("Asks every 2 s")).toBeVisible();
  const subject = `applicant-live-${Date.now().toString()}`;
  for (let nth = 0; nth < 3; nth += 1) await send(request, { outcome: "approved", risk_level: "high" }, { subject: { id: subject } });
  await expect(feed.getByText(subject)).toHaveCount(3, { timeout: 20_000 });
});

test("a reader who scrolled away is not moved, and is told how many are new", async ({ signedIn: page, request }) => {
  await page.goto("/live/?ledger=credit");
  const region = page.getByRole("region", { name: "Records as they come" });
  await expect(region.getByRole("button").first()).toBeVisible();
  await region.evaluate((element) => element.scrollTo({ top: 900 }));
  const subject = `applicant-away-${Date.now().toString()}`;
  await expect(page.getByRole("button", { name: "To the newest" })).toBeVisible();
  await send(request, { outcome: "denied", risk_level: "critical" }, { subject: { id: subject } });
  await expect(page.getByRole("button", { name: "1 new" })).toBeVisible({ timeout: 20_000 });
  expect(await region.evaluate((element) => element.scrollTop)).toBe(900);
  await page.getByRole("button", { name: "1 new" }).click();
  await expect(page.getByText(subject)).toBeInViewport();
});

test("a record opens beside the feed", async ({ signedIn: page }) => {
  await page.goto("/live/?ledger=hiring&type=decision&outcome=denied");
  await page.getByRole("region", { name: "Records as they come" }).getByRole("button").first().click();
  await expect(page.getByRole("complementary", { name: "Detail" })).toContainText("Confidence");
});

test("an API that does not answer is said so, and the feed goes on after it", async ({ signedIn: page, said }) => {
  await page.goto("/live/?ledger=credit");
  await expect(page.getByText("Asks every 2 s")).toBeVisible();
  await page.route("**/api/v1/audit/logs?*", (route) => route.abort());
  await expect(page.getByText("No answer; trying again")).toBeVisible();
  await page.unroute("**/api/v1/audit/logs?*");
  await expect(page.getByText("Asks every 2 s")).toBeVisible();
  expect(said.splice(0).every((line) => line.includes("ERR_FAILED"))).toBe(true);
});
