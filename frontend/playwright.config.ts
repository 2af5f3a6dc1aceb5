import { defineConfig, devices } from "@playwright/test";

/** Where the dashboard and the API are: the edge of the running stack. */
const url = process.env["DASHBOARD_URL"] ?? process.env["AUDIT_URL"] ?? "http://localhost:3000";

export default defineConfig({
  testDir: "tests/e2e",
  outputDir: "test-results",
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1440, height: 900 },
    baseURL: url,
    trace: "retain-on-failure",
    launchOptions: {
      // A browser build of Playwright's own is not needed: Debian's serves.
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    },
  },
});
