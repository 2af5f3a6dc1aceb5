// @vitest-environment node
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fromBase64url, toBase64url } from "./base64url";
import { FACTS, split, type JsonObject } from "./fields";
import { contentOf, digestOf, disclosure, fieldSalt, leafHash, partContent, saltKey, utf8 } from "./hashes";
import { jcs, type Json } from "./jcs";
import { verify } from "./verify";

interface VectorPart {
  part: number;
  part_salt: string;
  part_content: string;
  key_id: string;
}
interface Vector {
  name: string;
  id: string;
  kind: string;
  sent: string;
  canonical: string;
  content: string;
  entry: string;
  leaf_hash: string;
  received_at: string;
  fields: { pointer: string; part: number; value: string; salt: string; disclosure: string; digest: string }[];
  parts: VectorPart[];
}

const root = path.resolve(import.meta.dirname, "../../../..");
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), "utf8"));
const vectors = read("shared/vectors/records.json") as { ledger: string; records: Vector[] };

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const read = fromBase64url(text);
  if (read === null) throw new Error(`not base64url: ${text}`);
  return read;
}

function answer(vector: Vector): Parameters<typeof verify>[0] {
  const { parts, entry, leaf_hash, received_at, canonical } = vector;
  return {
    record: JSON.parse(canonical),
    ledger: vectors.ledger,
    leaf_hash,
    received_at,
    evidence: {
      entry: toBase64url(utf8(entry)),
      segment: { key: "", start: 0, version: "", offset: 0, length: 0 },
      parts: parts.map(({ key_id, part_content, part_salt }) => ({ key_id, part_content, part_salt })),
    },
  };
}

const records = vectors.records.filter((vector) => vector.kind === "record");
const byName = vectors.records.map((vector) => [vector.name, vector] as const);

describe("the shared vectors", () => {
  it.each(byName)("hold for: %s", async (_, vector) => {
    const record = JSON.parse(vector.sent) as JsonObject;
    expect(jcs(record)).toBe(vector.canonical);
    const fields = split(record);
    const shape = (field: { pointer: string; part: number }): string => `${field.part.toString()} ${field.pointer}`;
    expect(fields.map(shape).sort()).toEqual(vector.fields.map(shape).sort());

    const contents: Uint8Array<ArrayBuffer>[] = [];
    for (const part of vector.parts) {
      const key = await saltKey(bytes(part.part_salt));
      const digests: Uint8Array<ArrayBuffer>[] = [];
      for (const expected of vector.fields.filter((field) => field.part === part.part)) {
        const salt = await fieldSalt(key, expected.pointer);
        expect(toBase64url(salt)).toBe(expected.salt);
        const shown = disclosure(salt, { pointer: expected.pointer, value: JSON.parse(expected.value) as Json });
        expect(shown).toBe(expected.disclosure);
        const digest = await digestOf(shown);
        expect(toBase64url(digest)).toBe(expected.digest);
        digests.push(digest);
      }
      const content = await partContent(digests);
      expect(toBase64url(content)).toBe(part.part_content);
      contents.push(content);
    }
    expect(toBase64url(await contentOf(contents))).toBe(vector.content);
    expect(toBase64url(await leafHash(utf8(vector.entry)))).toBe(vector.leaf_hash);
  });

  it("give the canonical form of each text that is read", () => {
    const { texts } = read("shared/vectors/parse.json") as { texts: { input: string; jcs?: string; canonical?: string }[] };
    const good = texts.filter((text) => typeof (text.jcs ?? text.canonical) === "string");
    expect(good.length).toBeGreaterThan(0);
    for (const { input, jcs: form, canonical } of good) {
      const value = JSON.parse(new TextDecoder().decode(bytes(input))) as Json;
      expect(jcs(value)).toBe(form ?? canonical);
    }
  });

  it("are facts by the document's own table", () => {
    const document = readFileSync(path.join(root, "docs/LEDGER.md"), "utf8");
    const table = /<!-- facts table -->([\s\S]*?)<!-- end -->/.exec(document)?.[1] ?? "";
    const listed = [...table.matchAll(/^- `(.+)`$/gm)].map(([, pointer]) => pointer);
    expect([...FACTS].sort()).toEqual(listed.sort());
  });
});

describe("a verdict", () => {
  it.each(records.map((vector) => [vector.name, vector] as const))("holds for what was recorded: %s", async (_, vector) => {
    const verdict = await verify(answer(vector));
    expect(verdict.steps.filter((step) => step.state !== "holds")).toEqual([]);
    expect(verdict.fields).toHaveLength(vector.fields.length);
  });

  const rich = records.find((vector) => vector.parts.length === 2) ?? records[0];

  it.each<[string, string[], (changed: ReturnType<typeof answer>) => void]>([
    ["a fact", ["facts"], (it) => void ((it.record as JsonObject)["system"] = "other")],
    ["a field of content", ["content-part"], (it) => void ((it.record as JsonObject)["subject"] = { id: "other" })],
    ["a field added", ["content-part"], (it) => void ((it.record as JsonObject)["note"] = "a longer text")],
    ["another id", ["facts", "entry"], (it) => void ((it.record as JsonObject)["id"] = "019ab508-0000-7abc-8def-ffffffffffff")],
    ["another ledger", ["entry"], (it) => void (it.ledger = "demo/other")],
    ["a later receipt", ["entry"], (it) => void (it.received_at = "2030-01-01T00:00:00.000Z")],
    ["another leaf", ["leaf"], (it) => void (it.leaf_hash = toBase64url(new Uint8Array(32)))],
    ["an entry that is no JSON", ["entry"], (it) => void (it.evidence.entry = "AAAA")],
    ["parts changed over", ["facts", "content-part", "content"], (it) => void it.evidence.parts.reverse()],
  ])("is broken, and says where, by %s", async (_, broken, change) => {
    if (rich === undefined) throw new Error("no vector has two parts");
    const changed = answer(rich);
    change(changed);
    const verdict = await verify(changed);
    expect(verdict.holds).toBe(false);
    expect(verdict.steps.filter((step) => step.state === "broken").map((step) => step.name)).toEqual(broken);
  });

  it("holds for an erased record by its facts, and says what is sealed", async () => {
    if (rich === undefined) throw new Error("no vector has two parts");
    const erased = answer(rich);
    const record = erased.record as JsonObject;
    const { fields } = await verify(erased);
    for (const { pointer, part } of fields) if (part === 1 && pointer.split("/").length === 2) Reflect.deleteProperty(record, pointer.slice(1));
    for (const opened of ["attributes", "decision", "regulatory"]) {
      const members = record[opened];
      if (typeof members !== "object" || members === null || Array.isArray(members)) continue;
      for (const { pointer, part } of fields) {
        const [, top, name] = pointer.split("/");
        if (part === 1 && top === opened && name !== undefined) Reflect.deleteProperty(members, name.replaceAll("~1", "/"));
      }
      if (Object.keys(members).length === 0) Reflect.deleteProperty(record, opened);
    }
    const second = erased.evidence.parts[1];
    if (second !== undefined) delete second.part_salt;
    const verdict = await verify(erased);
    expect(verdict.steps.map((step) => [step.name, step.state])).toEqual([
      ["fields", "holds"],
      ["facts", "holds"],
      ["content-part", "sealed"],
      ["content", "holds"],
      ["entry", "holds"],
      ["leaf", "holds"],
    ]);
  });
});

describe("base64url", () => {
  it("has one form of its bytes", () => {
    for (const text of ["", "AA", "AAA", "AAAA", "_-_-"]) expect(toBase64url(bytes(text))).toBe(text);
    for (const text of ["A", "AB", "A=", "A+AA", "AAAAA"]) expect(fromBase64url(text)).toBeNull();
  });
});
