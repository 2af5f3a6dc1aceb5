// Makes `frontend/out`: installs what package-lock.json names and builds the static export, each only
// where it is not there already for these very inputs. `cargo xtask up` runs it.
//
//     node frontend/scripts/export.mjs

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const inputs = ["package.json", "package-lock.json", "next.config.ts", "postcss.config.mjs", "tsconfig.json", "src", "public"];

function files(at) {
  if (!statSync(at).isDirectory()) return [at];
  return readdirSync(at)
    .sort()
    .flatMap((name) => files(path.join(at, name)));
}

function digest(names) {
  const hash = createHash("sha256");
  for (const file of names.flatMap((name) => files(path.join(root, name)))) {
    hash.update(path.relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** Runs a program in the dashboard's folder; ends this one where it fails. */
export function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  if (error !== undefined) console.error(`${program} can't be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function unlessDone(stamp, wanted, work) {
  const file = path.join(root, stamp);
  if (existsSync(file) && readFileSync(file, "utf8") === wanted) return;
  rmSync(file, { force: true });
  work();
  writeFileSync(file, wanted);
}

export function install() {
  unlessDone("node_modules/.installed", digest(["package-lock.json", ".npmrc"]), () => run("npm", "ci", "--no-fund", "--no-audit"));
}

export function build() {
  unlessDone(".next/.exported", digest(inputs), () => run("npm", "run", "--silent", "build"));
}

if (process.argv[1] === import.meta.filename) {
  install();
  if (!existsSync(path.join(root, "out/index.html"))) rmSync(path.join(root, ".next/.exported"), { force: true });
  build();
}
