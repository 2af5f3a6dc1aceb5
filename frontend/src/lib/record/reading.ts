/**
 * A record as a person reads it. What a client sent is JSON that passed the limits of
 * `docs/LEDGER.md`, section 3; everything free-form in it is read with doubt and shown as text.
 */

import type { RecordAnswer } from "@/lib/api/client";
import { fromRfc3339 } from "@/lib/time/time";
import { asList, asNumber, asObject, asText, shown, type Loose } from "./loose";

export interface Reason {
  readonly code: string | null;
  readonly text: string;
}

/** Which way a factor pushed: against the person's interest, for it, or neither. */
export type Way = "for" | "against" | "neither" | "unsaid";

export interface Factor {
  readonly name: string;
  readonly value: string | null;
  readonly weight: number | null;
  readonly way: Way;
  /** The direction as it was recorded, where it is none of the known words. */
  readonly direction: string | null;
  readonly method: string | null;
  readonly uncertainty: string | null;
}

export interface Oversight {
  readonly required: boolean | null;
  readonly action: string | null;
  readonly reason: string | null;
  readonly at: number | null;
  readonly reviewers: readonly { readonly id: string; readonly role: string | null }[];
}

export interface Decision {
  readonly outcome: string | null;
  readonly adverse: boolean | null;
  readonly confidence: number | null;
  readonly confidenceSource: string | null;
  readonly alternatives: readonly string[];
  readonly riskLevel: string | null;
  readonly riskReasons: readonly string[];
  readonly aiRole: string | null;
  readonly solelyAutomated: boolean | null;
  readonly policy: { readonly id: string | null; readonly version: string | null } | null;
  readonly reasons: readonly Reason[];
  readonly factors: readonly Factor[];
  readonly explanation: string | null;
  readonly oversight: Oversight | null;
}

export interface ReadRecord {
  readonly id: string;
  readonly type: string;
  readonly system: string;
  readonly environment: string | null;
  readonly occurredAt: number | null;
  readonly endedAt: number | null;
  readonly actor: { readonly id: string | null; readonly type: string | null } | null;
  readonly subject: { readonly id: string | null; readonly category: string | null } | null;
  readonly producer: { readonly id: string | null; readonly seq: number | null; readonly sdk: string | null } | null;
  readonly traceId: string | null;
  readonly parentId: string | null;
  readonly decisionId: string | null;
  readonly attributes: Loose;
  readonly decision: Decision | null;
  readonly regulatory: Loose;
}

function reason(value: unknown): Reason {
  if (typeof value === "string") return { code: null, text: value };
  const object = asObject(value);
  const code = asText(object["code"]);
  return { code, text: asText(object["text"]) ?? asText(object["description"]) ?? code ?? shown(value) };
}

const WAYS: Record<string, Way> = {
  positive: "for",
  for: "for",
  increase: "for",
  negative: "against",
  against: "against",
  decrease: "against",
  neutral: "neither",
  none: "neither",
};

function factor(value: unknown): Factor {
  const object = asObject(value);
  const weight = asNumber(object["weight"]);
  const direction = asText(object["direction"]);
  const named = direction === null ? undefined : WAYS[direction.toLowerCase()];
  const bySign: Way = weight === null ? "unsaid" : weight < 0 ? "against" : weight > 0 ? "for" : "neither";
  const recorded = object["value"];
  const uncertainty = object["uncertainty"];
  return {
    name: asText(object["name"]) ?? "unnamed",
    value: recorded === undefined || recorded === null ? null : shown(recorded),
    weight,
    way: named ?? (direction === null ? bySign : "unsaid"),
    direction: named === undefined ? direction : null,
    method: asText(object["method"]),
    uncertainty: uncertainty === undefined || uncertainty === null ? null : shown(uncertainty),
  };
}

function oversight(value: unknown): Oversight | null {
  if (value === undefined || value === null) return null;
  const object = asObject(value);
  return {
    required: typeof object["required"] === "boolean" ? object["required"] : null,
    action: asText(object["action"]),
    reason: asText(object["reason"]),
    at: fromRfc3339(asText(object["at"])),
    reviewers: asList(object["reviewers"]).map((reviewer) => {
      const { id, role } = asObject(reviewer);
      return { id: asText(id) ?? "unnamed", role: asText(role) };
    }),
  };
}

function decision(value: unknown): Decision | null {
  if (value === undefined || value === null) return null;
  const object = asObject(value);
  const policy = object["policy"];
  const flag = (name: string): boolean | null => (typeof object[name] === "boolean" ? object[name] : null);
  return {
    outcome: asText(object["outcome"]),
    adverse: flag("adverse"),
    confidence: asNumber(object["confidence"]),
    confidenceSource: asText(object["confidence_source"]),
    alternatives: asList(object["alternatives"]).map(shown),
    riskLevel: asText(object["risk_level"]),
    riskReasons: asList(object["risk_reasons"]).map(shown),
    aiRole: asText(object["ai_role"]),
    solelyAutomated: flag("solely_automated"),
    policy: policy ? { id: asText(asObject(policy)["id"]), version: asText(asObject(policy)["version"]) } : null,
    reasons: asList(object["principal_reasons"]).map(reason),
    factors: asList(object["factors"]).map(factor),
    explanation: asText(object["explanation"]),
    oversight: oversight(object["oversight"]),
  };
}

/** Reads what the API gave. */
export function readRecord({ record }: Pick<RecordAnswer, "record">): ReadRecord {
  const raw = asObject(record);
  const actor = raw["actor"] ? asObject(raw["actor"]) : null;
  const subject = raw["subject"] ? asObject(raw["subject"]) : null;
  const producer = raw["producer"] ? asObject(raw["producer"]) : null;
  return {
    id: asText(raw["id"]) ?? "",
    type: asText(raw["type"]) ?? "record",
    system: asText(raw["system"]) ?? "",
    environment: asText(raw["environment"]),
    occurredAt: fromRfc3339(asText(raw["occurred_at"])),
    endedAt: fromRfc3339(asText(raw["ended_at"])),
    actor: actor === null ? null : { id: asText(actor["id"]), type: asText(actor["type"]) },
    subject: subject === null ? null : { id: asText(subject["id"]), category: asText(subject["category"]) },
    producer: producer === null ? null : { id: asText(producer["id"]), seq: asNumber(producer["seq"]), sdk: asText(producer["sdk"]) },
    traceId: asText(raw["trace_id"]),
    parentId: asText(raw["parent_id"]),
    decisionId: asText(raw["decision_id"]),
    attributes: asObject(raw["attributes"]),
    decision: decision(raw["decision"]),
    regulatory: asObject(raw["regulatory"]),
  };
}
