import { expect, listed, send, test } from "./dashboard";

test("a denied decision shows why, who looked at it, and that it is what was recorded", async ({ signedIn: page, request }) => {
  const [denied] = await listed(request, { ledger: "credit", type: "decision", outcome: "denied", system: "credit-decisions" });
  await page.goto(`/record/?id=${denied?.id ?? ""}&ledger=credit&outcome=denied&range=all`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("denied");
  for (const title of ["Explanation", "Principal reasons", "Factors", "Causes and effects"]) {
    await expect(page.getByRole("heading", { name: title })).toBeVisible();
  }
  await expect(page.getByText("towards decline").nth(1)).toBeVisible();
  await expect(page.locator("[data-verdict=holds]")).toBeVisible();
  await expect(page.getByText("(this record)")).toBeVisible();
});

test("the next record is the next of the filter", async ({ signedIn: page, request }) => {
  const denied = await listed(request, { ledger: "credit", type: "decision", outcome: "denied", system: "credit-decisions" });
  await page.goto(`/record/?id=${denied[1]?.id ?? ""}&ledger=credit&outcome=denied&type=decision&system=credit-decisions&range=all`);
  await page.getByRole("button", { name: "Older" }).click();
  await expect(page).toHaveURL(new RegExp(denied[2]?.id ?? ""));
  // The way back is known once the list around this record was read.
  await expect(page.getByRole("button", { name: "Newer" })).toBeEnabled();
  await page.keyboard.press("p");
  await expect(page).toHaveURL(new RegExp(denied[1]?.id ?? ""));
});

test("a record that was changed on its way turns the integrity panel red and says where", async ({ signedIn: page, request }) => {
  const [denied] = await listed(request, { ledger: "credit", type: "decision", outcome: "denied", system: "credit-decisions" });
  await page.route("**/api/v1/audit/logs/*", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { record: { decision?: { outcome: string } } };
    // The page also asks for the records of the chain, and not each of them decides something.
    if (body.record.decision !== undefined) body.record.decision.outcome = "approved";
    await route.fulfill({ response: answer, json: body });
  });
  await page.goto(`/record/?id=${denied?.id ?? ""}&ledger=credit`);
  await expect(page.locator("[data-verdict=broken]")).toContainText("Broken: facts");
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("what a record holds is text and never markup", async ({ signedIn: page, request }) => {
  const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  const id = await send(request, { outcome: evil, explanation: evil, principal_reasons: [evil], risk_level: "limited" });
  await expect(async () => {
    await page.goto(`/record/?id=${id}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(evil, { timeout: 1500 });
  }).toPass();
  await expect(page.locator("main img")).toHaveCount(0);
  expect(await page.title()).toContain("AI Audit Layer");
});

test("an id that is not there is said to be unknown", async ({ signedIn: page, said }) => {
  await page.goto("/record/?id=019ab508-0000-7abc-8def-0123456789ab&ledger=credit");
  await expect(page.getByRole("alert").filter({ hasText: "could not be loaded" })).toBeVisible();
  expect(said.splice(0).filter((line) => !line.includes("404"))).toEqual([]);
});
