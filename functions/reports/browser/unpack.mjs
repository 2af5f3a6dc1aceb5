// Unpacks the browser, the libraries that it needs and the fonts into a folder, ready to run there
// or to be zipped as a layer:
//
//   node unpack.mjs FOLDER
//
// FOLDER gets `chromium`, `lib/` (LD_LIBRARY_PATH), `fonts/` and `fonts.conf` (FONTCONFIG_FILE). It is
// made beside its place and moved there whole, so that a crash leaves no half of it; one that stands
// already for these very packages is left as it is.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";

import { fonts } from "./fonts.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const packed = path.join(here, "node_modules/@sparticuz/chromium/bin");

const target = process.argv[2];
if (!target) {
  console.error("usage: node unpack.mjs FOLDER");
  process.exit(2);
}

const made = crypto.createHash("sha256");
for (const file of ["package-lock.json", "fonts.mjs", "unpack.mjs"]) made.update(fs.readFileSync(path.join(here, file)));
const version = made.digest("hex");
const mark = "version";

function unpackBrotli(name) {
  return zlib.brotliDecompressSync(fs.readFileSync(path.join(packed, name)));
}

/** Writes the plain files of a tar archive (POSIX ustar) below a folder. */
function untar(archive, folder) {
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const text = (from, length) => archive.toString("utf8", at + from, at + from + length).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 12), 8);
    const plain = text(156, 1) === "0" || text(156, 1) === "";
    // Only the name itself: an archive decides nothing about where files go.
    const file = path.join(folder, path.basename(text(0, 100)));
    if (plain) fs.writeFileSync(file, archive.subarray(at + 512, at + 512 + size), { mode: 0o755 });
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

function fontsConf() {
  const families = fonts.map(({ family }) => `<family>${family}</family>`).join("");
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias binding="same"><family>sans-serif</family><prefer>${families}</prefer></alias>
</fontconfig>
`;
}

if (fs.existsSync(path.join(target, mark)) && fs.readFileSync(path.join(target, mark), "utf8") === version) {
  process.exit(0);
}
const half = `${target}.half-${process.pid}`;
fs.mkdirSync(path.join(half, "lib"), { recursive: true });
fs.mkdirSync(path.join(half, "fonts"));
fs.writeFileSync(path.join(half, "chromium"), unpackBrotli("chromium.br"), { mode: 0o755 });
untar(unpackBrotli("al2023.tar.br"), path.join(half, "lib"));
for (const file of fonts.flatMap(({ files }) => files)) {
  fs.copyFileSync(file, path.join(half, "fonts", path.basename(file)));
}
fs.writeFileSync(path.join(half, "fonts.conf"), fontsConf());
fs.writeFileSync(path.join(half, mark), version);
fs.rmSync(target, { recursive: true, force: true });
fs.renameSync(half, target);
