import { describe, expect, it } from "vitest";
import type { RecordAnswer, RecordPage, Summary } from "@/lib/api/client";
import { ApiError } from "@/lib/api/error";
import { findChain, place } from "./chain";
import { readConversation } from "./conversation";
import { readRecord } from "./reading";

const answer = (record: unknown): RecordAnswer => ({ record, ledger: "demo/credit" }) as unknown as RecordAnswer;
const idOf = (nth: number): string => `019ab508-000${nth.toString()}-7abc-8def-0123456789ab`;

describe("a record is read", () => {
  it.each([
    [{ weight: 0.4, direction: "negative" }, "against"],
    [{ weight: 0.4, direction: "positive" }, "for"],
    [{ weight: -0.4 }, "against"],
    [{ weight: 0.4 }, "for"],
    [{ weight: 0.4, direction: "sideways" }, "unsaid"],
    [{}, "unsaid"],
  ])("with a factor %j pushing %s", (factor, way) => {
    expect(readRecord(answer({ decision: { factors: [factor] } })).decision?.factors[0]?.way).toBe(way);
  });

  it("with reasons as texts or as objects", () => {
    const reasons = ["short", { code: "dti", text: "Too high" }, { code: "only" }, { odd: 1 }];
    const read = readRecord(answer({ decision: { principal_reasons: reasons } })).decision?.reasons;
    expect(read?.map(({ text }) => text.replaceAll(/\s/g, ""))).toEqual(["short", "Toohigh", "only", '{"odd":1}']);
  });

  it.each([null, undefined, 3, "x", [], { decision: null, attributes: null, actor: null }, { decision: { factors: {}, oversight: 3 } }])(
    "without falling over %j",
    (record) => {
      expect(readRecord(answer(record)).type).toBe("record");
    },
  );
});

describe("a conversation", () => {
  it("has instructions, messages, calls and results in their order", () => {
    const turns = readConversation({
      "gen_ai.system_instructions": [{ type: "text", content: "Be fair." }],
      "gen_ai.input.messages": [
        { role: "user", parts: [{ type: "text", content: "May I?" }] },
        { role: "assistant", parts: [{ type: "tool_call", name: "score", arguments: { ref: 1 } }] },
        { role: "tool", parts: [{ type: "tool_call_response", id: "c1", response: { score: 700 } }] },
      ],
      "gen_ai.output.messages": [{ role: "assistant", content: "Yes." }],
    });
    expect(turns.map(({ role }) => role)).toEqual(["instructions", "user", "assistant", "tool", "assistant"]);
    expect(turns.flatMap(({ pieces }) => pieces.map(({ kind }) => kind))).toEqual(["text", "text", "call", "result", "text"]);
  });

  it("keeps a part that it does not know as it was recorded", () => {
    const [turn] = readConversation({ "gen_ai.input.messages": [{ role: "user", parts: [{ type: "blob", sha256: "x" }] }] });
    expect(turn?.pieces[0]).toMatchObject({ kind: "other", what: "blob" });
  });

  it("is empty where there is none", () => {
    expect(readConversation({})).toEqual([]);
  });
});

describe("a chain", () => {
  const row = (nth: number, change: Partial<Summary>): Summary => ({
    id: idOf(nth),
    received_at: "2026-11-24T08:42:05.000Z",
    occurred_at: `2026-11-24T08:42:0${nth.toString()}Z`,
    ledger: "demo/credit",
    index: nth,
    leaf_hash: "",
    status: "committed",
    ...change,
  });
  const page = (records: Summary[]): RecordPage => ({ records, next_cursor: null, ledger: "", size: 9, searched: { from: null, to: null }, eventual: true });
  const record = { id: idOf(2), type: "decision", occurred_at: "2026-11-24T08:42:02Z", parent_id: idOf(1), subject: { id: "s" }, trace_id: "t" };

  it("takes what shares the trace, and causes of other subjects", async () => {
    const ask = (): Promise<RecordPage> => Promise.resolve(page([row(3, { trace_id: "t", parent_id: idOf(2) }), row(4, { trace_id: "other" })]));
    const get = (id: string): Promise<RecordAnswer> =>
      id === idOf(1)
        ? Promise.resolve(answer({ id, type: "llm_call", occurred_at: "2026-11-24T08:42:01Z", parent_id: idOf(0) }))
        : Promise.reject(new ApiError(404, "not_found", "", null));
    const chain = await findChain(answer(record), new AbortController().signal, { ask, record: get });
    expect(chain.links.map(({ id }) => id)).toEqual([idOf(1), idOf(2), idOf(3)]);
    expect(place(chain.links).map(({ column }) => column)).toEqual([0, 1, 2]);
  });

  it("without a subject looks back only, and says so", async () => {
    const never = (): Promise<never> => Promise.reject(new Error("not asked"));
    const alone = { ...record, subject: null, parent_id: "span-17" };
    const chain = await findChain(answer(alone), new AbortController().signal, { ask: never, record: never });
    expect(chain.lookedForward).toBe(false);
    expect(chain.links).toHaveLength(1);
  });
});
