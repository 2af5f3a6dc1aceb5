/**
 * Checks a record against its evidence, here, without trusting the service that sent it: each field's
 * digest, both parts, their content, the entry and its leaf hash (`docs/LEDGER.md`, section 13).
 *
 * It deliberately proves no more than that the record shown is the one that the entry commits to. That
 * the entry stands in the ledger is what a signed checkpoint and an inclusion proof show.
 */

import type { RecordAnswer } from "@/lib/api/client";
import { fromBase64url, toBase64url } from "./base64url";
import { split, type Field, type JsonObject } from "./fields";
import { contentOf, digestOf, disclosure, fieldSalt, leafHash, partContent, saltKey, utf8 } from "./hashes";
import { jcs, type Json } from "./jcs";

/** One field, with the digest that was computed here. */
export interface CheckedField extends Field {
  readonly digest: string;
}

export interface Step {
  readonly name: "fields" | "facts" | "content-part" | "content" | "entry" | "leaf";
  readonly title: string;
  readonly state: "holds" | "broken" | "sealed";
  /** In words: what was compared with what. */
  readonly says: string;
  readonly computed: string | null;
  readonly recorded: string | null;
}

export interface Verdict {
  readonly holds: boolean;
  readonly steps: readonly Step[];
  readonly fields: readonly CheckedField[];
}

type Checkable = Pick<RecordAnswer, "ledger" | "leaf_hash" | "received_at" | "evidence"> & { record: unknown };

const PART_NAMES = ["Facts", "Content"] as const;

function compared(name: Step["name"], title: string, says: string, computed: string, recorded: string): Step {
  return { name, title, state: computed === recorded ? "holds" : "broken", says, computed, recorded };
}

/** Recomputes everything that the evidence allows. */
export async function verify(answer: Checkable): Promise<Verdict> {
  const record = answer.record as JsonObject;
  const parts = answer.evidence.parts;
  const fields = split(record);
  const steps: Step[] = [];
  const checked: CheckedField[] = [];
  let stray = 0;

  for (const [number, part] of parts.entries()) {
    const own = fields.filter((field) => field.part === number);
    const name = number === 0 ? "facts" : "content-part";
    const title = PART_NAMES[number] ?? `Part ${number.toString()}`;
    const salt = typeof part.part_salt === "string" ? fromBase64url(part.part_salt) : null;
    if (salt === null) {
      steps.push({
        name,
        title,
        state: "sealed",
        says: "Its key was destroyed: what it held can't be shown, and its hash still counts in the next step.",
        computed: null,
        recorded: part.part_content,
      });
      stray += own.length;
      continue;
    }
    const key = await saltKey(salt);
    const digests = await Promise.all(
      own.map(async (field) => digestOf(disclosure(await fieldSalt(key, field.pointer), field))),
    );
    for (const [at, field] of own.entries()) {
      const digest = digests[at];
      if (digest !== undefined) checked.push({ ...field, digest: toBase64url(digest) });
    }
    const computed = toBase64url(await partContent(digests));
    const says = `The hash over the digests of its ${own.length.toString()} fields is the one that the body names.`;
    steps.push(compared(name, title, says, computed, part.part_content));
  }

  const outside = fields.filter((field) => field.part >= parts.length).length + stray;
  steps.unshift({
    name: "fields",
    title: "Fields",
    state: outside === 0 ? "holds" : "broken",
    says:
      outside === 0
        ? `Each of the ${checked.length.toString()} fields shown lies in a part that was checked.`
        : `${outside.toString()} fields shown lie in no part that could be checked.`,
    computed: null,
    recorded: null,
  });

  steps.push(...(await checkEntry(answer, record)));
  return { holds: steps.every((step) => step.state !== "broken"), steps, fields: checked };
}

async function checkEntry(answer: Checkable, record: JsonObject): Promise<Step[]> {
  const bytes = fromBase64url(answer.evidence.entry);
  const entry = bytes === null ? null : parsed(bytes);
  if (bytes === null || entry === null) {
    return [
      {
        name: "entry",
        title: "Entry",
        state: "broken",
        says: "The entry is no canonical JSON.",
        computed: null,
        recorded: answer.evidence.entry,
      },
    ];
  }
  const parts = answer.evidence.parts.map((part) => fromBase64url(part.part_content) ?? new Uint8Array());
  const content = toBase64url(await contentOf(parts));
  const recorded = entry["content"];
  const shown = { id: record["id"], ledger: answer.ledger, received_at: answer.received_at };
  const differing = Object.entries(shown).flatMap(([name, value]) => (entry[name] === value ? [] : name));
  return [
    compared(
      "content",
      "Parts together",
      "The hash over the parts is the content that the entry commits to.",
      content,
      typeof recorded === "string" ? recorded : "absent",
    ),
    {
      name: "entry",
      title: "Entry",
      state: differing.length === 0 ? "holds" : "broken",
      says:
        differing.length === 0
          ? "It is canonical JSON and names this id, this ledger and this time of receipt."
          : `It names another ${differing.join(", ")} than is shown.`,
      computed: null,
      recorded: null,
    },
    compared(
      "leaf",
      "Leaf hash",
      "SHA-256 over the entry's bytes is the leaf of the ledger's tree.",
      toBase64url(await leafHash(bytes)),
      answer.leaf_hash,
    ),
  ];
}

/** The entry, if its bytes are the canonical form of what they say. */
function parsed(bytes: Uint8Array): JsonObject | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value = JSON.parse(text) as Json;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return toBase64url(utf8(jcs(value))) === toBase64url(bytes) ? value : null;
  } catch {
    return null;
  }
}
