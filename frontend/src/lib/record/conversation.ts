/**
 * What a model was told, asked and said, from the OpenTelemetry GenAI attributes: messages with a
 * `role` and `parts` (`text`, `tool_call`, `tool_call_response`), and the older plain `content`.
 */

import { asList, asObject, asText, shown, type Loose } from "./loose";

export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "call"; readonly tool: string; readonly body: string }
  | { readonly kind: "result"; readonly tool: string; readonly body: string }
  | { readonly kind: "other"; readonly what: string; readonly body: string };

export interface Turn {
  readonly role: "instructions" | "user" | "assistant" | "tool" | "other";
  /** The role as it was recorded. */
  readonly name: string;
  readonly pieces: readonly Piece[];
}

function piece(value: unknown): Piece {
  if (typeof value === "string") return { kind: "text", text: value };
  const part = asObject(value);
  const type = asText(part["type"]) ?? "";
  const text = asText(part["content"]) ?? asText(part["text"]);
  if ((type === "text" || type === "") && text !== null) return { kind: "text", text };
  if (type === "tool_call") {
    return { kind: "call", tool: asText(part["name"]) ?? "tool", body: shown(part["arguments"] ?? {}) };
  }
  if (type === "tool_call_response") {
    return { kind: "result", tool: asText(part["name"]) ?? asText(part["id"]) ?? "tool", body: shown(part["response"] ?? part["result"] ?? {}) };
  }
  return { kind: "other", what: type === "" ? "part" : type, body: shown(value) };
}

const ROLES: Record<string, Turn["role"]> = {
  system: "instructions",
  developer: "instructions",
  user: "user",
  assistant: "assistant",
  model: "assistant",
  tool: "tool",
};

function turn(value: unknown): Turn {
  const message = asObject(value);
  const name = asText(message["role"]) ?? "message";
  const parts = message["parts"] ?? message["content"];
  const pieces = Array.isArray(parts) ? parts.map(piece) : parts === undefined || parts === null ? [piece(value)] : [piece(parts)];
  return { role: ROLES[name] ?? "other", name, pieces };
}

/** The conversation of a model call, or the call and result of a tool; empty where there is none. */
export function readConversation(attributes: Loose): readonly Turn[] {
  const turns: Turn[] = [];
  const instructions = attributes["gen_ai.system_instructions"];
  if (instructions !== undefined && instructions !== null) {
    const pieces = Array.isArray(instructions) ? instructions.map(piece) : [piece(instructions)];
    turns.push({ role: "instructions", name: "instructions", pieces });
  }
  turns.push(...asList(attributes["gen_ai.input.messages"]).map(turn), ...asList(attributes["gen_ai.output.messages"]).map(turn));
  const tool = asText(attributes["gen_ai.tool.name"]);
  if (tool !== null) {
    const given = attributes["gen_ai.tool.call.arguments"];
    const result = attributes["gen_ai.tool.call.result"];
    if (given !== undefined) turns.push({ role: "assistant", name: "call", pieces: [{ kind: "call", tool, body: shown(given) }] });
    if (result !== undefined) turns.push({ role: "tool", name: "result", pieces: [{ kind: "result", tool, body: shown(result) }] });
  }
  return turns;
}
