// Every check of the dashboard that needs no running stack, with a closing line of counts.
// `cargo xtask test dashboard` runs it.
//
//     node frontend/scripts/check.mjs

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { build, install } from "./export.mjs";

const root = path.resolve(import.meta.dirname, "..");
let passed = 0;
let failed = 0;

/** Runs one check, and says what it took. */
function check(name, program, ...args) {
  const began = performance.now();
  const { status } = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return status === 0;
}

function count(holds) {
  if (holds) passed += 1;
  else failed += 1;
}

install();
count(check("the client is that of docs/openapi.json", "npm", "run", "--silent", "api:check"));
count(check("types", "npm", "run", "--silent", "types"));
count(check("lints", "npm", "run", "--silent", "lint"));

const report = path.join(root, ".next/vitest.json");
rmSync(report, { force: true });
const tests = check("unit tests", "npx", "vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`);
try {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
  passed += numPassedTests;
  failed += tests ? numFailedTests : Math.max(numFailedTests, 1);
} catch {
  failed += 1;
}

build();
count(check("size and content policy of the export", "npm", "run", "--silent", "size"));

console.log(`${failed === 0 ? "Success!" : "Failure!"} ${passed} passed, ${failed} failed.`);
process.exit(failed === 0 ? 0 : 1);
