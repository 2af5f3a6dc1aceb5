/** How a record splits into fields and parts: `docs/LEDGER.md`, sections 4 and 5. */

import type { Json } from "./jcs";

export type JsonObject = Record<string, Json>;

export interface Field {
  /** RFC 6901. */
  readonly pointer: string;
  readonly value: Json;
  /** 0: facts, 1: content. */
  readonly part: 0 | 1;
}

/** The table of section 5; a test compares it with the document. */
export const FACTS: ReadonlySet<string> = new Set([
  ...["attempts", "completion", "cost", "provider_request_id"].map((name) => `/attributes/audit.call.${name}`),
  "/attributes/error.type",
  ...[
    "operation.name",
    "prompt.name",
    "prompt.version",
    "provider.name",
    "request.model",
    "response.finish_reasons",
    "response.id",
    "response.model",
    "usage.cache_read.input_tokens",
    "usage.cache_write.input_tokens",
    "usage.input_tokens",
    "usage.output_tokens",
    "usage.reasoning.output_tokens",
  ].map((name) => `/attributes/gen_ai.${name}`),
  ...[
    "adverse",
    "ai_role",
    "confidence",
    "confidence_source",
    "outcome",
    "oversight/action",
    "oversight/at",
    "oversight/required",
    "policy",
    "risk_level",
    "solely_automated",
  ].map((name) => `/decision/${name}`),
  "/decision_id",
  "/ended_at",
  "/environment",
  "/id",
  "/occurred_at",
  "/parent_id",
  "/producer",
  ...["legal_basis", "retention", "system_risk_class"].map((name) => `/regulatory/${name}`),
  "/system",
  "/trace_id",
  "/type",
]);

const WORD = /^[A-Za-z0-9._:/+-]{1,128}$/;

function isScalar(value: Json): boolean {
  if (typeof value === "string") return value === "" || WORD.test(value);
  return typeof value === "boolean" || typeof value === "number";
}

/** The facts grammar: nothing in it can hold a sentence about a person. */
export function fitsFacts(value: Json): boolean {
  if (value === null) return false;
  if (Array.isArray(value)) return value.length <= 8 && value.every(isScalar);
  if (typeof value !== "object") return isScalar(value);
  const members = Object.entries(value);
  return members.length <= 8 && members.every(([name, member]) => WORD.test(name) && isScalar(member));
}

const MACHINES = new Set<Json>(["service", "model", "system"]);

function partOf(pointer: string, value: Json): 0 | 1 {
  if (!fitsFacts(value)) return 1;
  if (pointer === "/actor") {
    return isObject(value) && MACHINES.has(value["type"] ?? null) ? 0 : 1;
  }
  return FACTS.has(pointer) ? 0 : 1;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const OPEN = new Set(["/attributes", "/decision", "/decision/oversight", "/regulatory"]);

const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

function* fieldsOf(value: JsonObject, at: string): Generator<Field> {
  for (const [name, member] of Object.entries(value)) {
    const pointer = `${at}/${escaped(name)}`;
    if (OPEN.has(pointer) && isObject(member) && Object.keys(member).length > 0) yield* fieldsOf(member, pointer);
    else yield { pointer, value: member, part: partOf(pointer, member) };
  }
}

/** All fields of a record, each with the part that it lies in. */
export function split(record: JsonObject): Field[] {
  return [...fieldsOf(record, "")];
}
