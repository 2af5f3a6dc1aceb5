// Writes which code points the fonts have (shared/audit-report/src/coverage.txt); with --check it
// compares, and fails where the file says something else.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { fonts } from "./fonts.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(here, "../../../shared/audit-report/src/coverage.txt");

// Controls, format characters, surrogates, private use and unassigned; the separators of lines and
// paragraphs; and what Unicode says is to be drawn as nothing. A soft hyphen is a format character.
const unseen = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** The code points that a font's character map gives a glyph (OpenType, cmap formats 4 and 12). */
function codePoints(file) {
  const data = fs.readFileSync(file);
  const tables = data.readUInt16BE(4);
  let cmap = 0;
  for (let at = 12; at < 12 + tables * 16; at += 16) {
    if (data.toString("latin1", at, at + 4) === "cmap") cmap = data.readUInt32BE(at + 8);
  }
  const found = new Set();
  for (let n = 0; n < data.readUInt16BE(cmap + 2); n += 1) {
    const at = cmap + data.readUInt32BE(cmap + 4 + n * 8 + 4);
    const format = data.readUInt16BE(at);
    if (format === 12) readGroups(data, at, found);
    if (format === 4) readSegments(data, at, found);
  }
  return found;
}

function readGroups(data, at, found) {
  for (let n = 0; n < data.readUInt32BE(at + 12); n += 1) {
    const group = at + 16 + n * 12;
    const first = data.readUInt32BE(group);
    const glyph = data.readUInt32BE(group + 8);
    for (let c = first; c <= data.readUInt32BE(group + 4); c += 1) {
      if (glyph + c - first !== 0) found.add(c);
    }
  }
}

function readSegments(data, at, found) {
  const twice = data.readUInt16BE(at + 6);
  for (let n = 0; n < twice; n += 2) {
    const last = data.readUInt16BE(at + 14 + n);
    const first = data.readUInt16BE(at + 16 + twice + n);
    const delta = data.readUInt16BE(at + 16 + 2 * twice + n);
    const offsetAt = at + 16 + 3 * twice + n;
    const offset = data.readUInt16BE(offsetAt);
    for (let c = first; c <= last && c < 0xffff; c += 1) {
      const raw = offset === 0 ? c : data.readUInt16BE(offsetAt + offset + 2 * (c - first));
      if (raw !== 0 && ((raw + delta) & 0xffff) !== 0) found.add(c);
    }
  }
}

function ranges(found) {
  const seen = [...found].filter((c) => !unseen.test(String.fromCodePoint(c))).sort((a, b) => a - b);
  const words = [];
  for (let n = 0; n < seen.length; n += 1) {
    const first = seen[n];
    while (seen[n + 1] === seen[n] + 1) n += 1;
    const hex = (c) => c.toString(16).toUpperCase();
    words.push(first === seen[n] ? hex(first) : `${hex(first)}-${hex(seen[n])}`);
  }
  return words;
}

const lines = fonts.map(({ family, files }) => [family.replaceAll(" ", "-"), ...ranges(codePoints(files[0]))].join(" "));
const text = ["# Made by functions/reports/browser/coverage.mjs.", ...lines, ""].join("\n");
if (process.argv.includes("--check")) {
  const there = fs.existsSync(target) ? fs.readFileSync(target, "utf8") : "";
  if (there !== text) {
    console.error(`${target} is not what the fonts have: run node coverage.mjs`);
    process.exit(1);
  }
} else {
  fs.writeFileSync(target, text);
}
