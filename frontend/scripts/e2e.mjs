// Playwright's suites against the running stack that AUDIT_URL and AUDIT_API_KEY name, with a closing
// line of counts. `cargo xtask test browser` runs it on a stack of its own.
//
//     node frontend/scripts/e2e.mjs [playwright's arguments]

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { install } from "./export.mjs";

const root = path.resolve(import.meta.dirname, "..");
const report = path.join(root, "test-results/report.json");

install();
rmSync(report, { force: true });
const { status } = spawnSync("npx", ["playwright", "test", "--reporter=list,json", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
});

let passed = 0;
let failed = status === 0 ? 0 : 1;
try {
  const { stats } = JSON.parse(readFileSync(report, "utf8"));
  passed = stats.expected;
  // A test that did not run is none that passed.
  failed = Math.max(failed, stats.unexpected + stats.flaky + stats.skipped);
} catch {
  failed = Math.max(failed, 1);
}
if (passed === 0) failed = Math.max(failed, 1);

console.log(`${failed === 0 ? "Success!" : "Failure!"} ${passed} passed, ${failed} failed.`);
process.exit(failed === 0 ? 0 : 1);
