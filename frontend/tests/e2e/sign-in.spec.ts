import { expect, key, test } from "./dashboard";

test("a page without a session leads to the sign-in page and back to where it was", async ({ page }) => {
  await page.goto("/live/?outcome=denied");
  await expect(page).toHaveURL(/\/sign-in\/\?next=/);
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/live\/\?outcome=denied/);
  await expect(page.getByRole("heading", { name: "Live" })).toBeVisible();
});

test("a text that is no key is refused before it is sent", async ({ page }) => {
  await page.goto("/sign-in/");
  await page.getByLabel("API key").fill("secret");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("A key begins with aal_")).toBeVisible();
});

test("a key that the API does not take is not kept", async ({ page, said }) => {
  await page.goto("/sign-in/");
  await page.getByLabel("API key").fill(`aal_${"a".repeat(16)}_${"A".repeat(43)}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("does not take this key")).toBeVisible();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  // The browser itself reports the answer 401.
  expect(said.splice(0).every((line) => line.includes("401"))).toBe(true);
});

test("signing out forgets the key and shuts every page", async ({ page }) => {
  await page.goto("/sign-in/");
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in\//);
  await expect(page.getByText("You are signed out")).toBeVisible();
  expect(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).not.toContain(key);
});
