// What a first visit to each page of the export costs in JavaScript, brotli-compressed, and whether
// the pages keep to the content security policy: no inline script that runs, no inline style.
//
//     npm run build && npm run size

import { readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

/** What a bare page of the same framework and export costs (React, the router, the loader). */
const FLOOR_KB = 96;
/** What our own part should cost, and what a page may cost at most. */
const OWN_AIM_KB = 60;
const LIMIT_KB = 180;

const out = path.resolve(import.meta.dirname, "../out");

function pages(folder) {
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    if (statSync(file).isDirectory()) return name === "_next" || name === "reference" ? [] : pages(file);
    return name.endsWith(".html") ? [file] : [];
  });
}

const compressed = new Map();
function size(url) {
  if (!compressed.has(url)) {
    const bytes = readFileSync(path.join(out, decodeURI(url.split("?")[0])));
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
    compressed.set(url, brotliCompressSync(bytes, options).length);
  }
  return compressed.get(url);
}

let failed = 0;
let passed = 0;
function expect(holds, what) {
  if (holds) passed += 1;
  else {
    failed += 1;
    console.error(`FAILED: ${what}`);
  }
}

for (const file of pages(out)) {
  const html = readFileSync(file, "utf8");
  const name = path.relative(out, file);
  const scripts = [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)];
  const inline = scripts.filter(([, attributes, text]) => text.trim() !== "" && !/type="application\/json"/.test(attributes));
  expect(inline.length === 0, `${name} has an inline script that runs`);
  expect(!/<style\b/i.test(html), `${name} has a style element`);
  expect(!/<[a-z][^>]*\sstyle="/i.test(html), `${name} has a style attribute`);
  expect(!/\b(?:src|href)="https?:/i.test(html), `${name} refers to another host`);
  const sources = new Set(
    scripts
      .filter(([, attributes]) => !/\bnomodule\b/i.test(attributes))
      .flatMap(([, attributes]) => /\bsrc="([^"]+)"/.exec(attributes)?.[1] ?? []),
  );
  const kilobytes = [...sources].reduce((sum, url) => sum + size(url), 0) / 1000;
  const own = kilobytes - FLOOR_KB;
  console.log(`${name.padEnd(28)} ${kilobytes.toFixed(1).padStart(6)} kB   of ${LIMIT_KB}   own ${own.toFixed(1).padStart(5)} kB, aim ${OWN_AIM_KB}`);
  expect(kilobytes <= LIMIT_KB, `${name} is over its budget of ${LIMIT_KB} kB`);
}

console.log(`size: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
