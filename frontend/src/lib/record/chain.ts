/**
 * What led to a record and what followed from it. Causes are followed by `parent_id`; the rest is
 * found among the records about the same subject that share its trace or decision.
 */

import { fetchList, fetchRecord, type RecordAnswer, type Summary } from "@/lib/api/client";
import { ApiError } from "@/lib/api/error";
import { DAY, fromRfc3339, timeOfId, toRfc3339 } from "@/lib/time/time";
import { MOST_PER_ANSWER, type Ask } from "@/lib/search/search";
import { readRecord } from "./reading";

export interface Link {
  readonly id: string;
  readonly type: string;
  readonly at: number;
  readonly title: string | null;
  readonly outcome: string | null;
  readonly parentId: string | null;
}

export interface Chain {
  /** By time, the oldest first; the record itself is among them. */
  readonly links: readonly Link[];
  /** Whether records that follow could be looked for: it takes a subject. */
  readonly lookedForward: boolean;
}

/** Causes beyond this depth are left to the page of the last one shown. */
const MOST_CAUSES = 8;
/** How long after a record what follows from it is looked for. */
const FORWARD_MS = 90 * DAY;

function ofSummary(row: Summary): Link {
  return {
    id: row.id,
    type: row.type ?? "record",
    at: fromRfc3339(row.occurred_at) ?? fromRfc3339(row.received_at) ?? 0,
    title: row.title ?? null,
    outcome: row.outcome ?? null,
    parentId: row.parent_id ?? null,
  };
}

function ofAnswer(answer: RecordAnswer): Link {
  const record = readRecord(answer);
  const title = record.attributes["gen_ai.tool.name"] ?? record.attributes["gen_ai.prompt.name"] ?? record.decision?.oversight?.action;
  return {
    id: record.id,
    type: record.type,
    at: record.occurredAt ?? timeOfId(record.id) ?? 0,
    title: typeof title === "string" ? title : null,
    outcome: record.decision?.outcome ?? null,
    parentId: record.parentId,
  };
}

interface Sources {
  readonly ask: Ask;
  readonly record: typeof fetchRecord;
}

export async function findChain(
  answer: RecordAnswer,
  signal: AbortSignal,
  { ask, record: get }: Sources = { ask: fetchList, record: fetchRecord },
): Promise<Chain> {
  const self = readRecord(answer);
  const ledger = answer.ledger.slice(answer.ledger.indexOf("/") + 1);
  const links = new Map<string, Link>([[self.id, ofAnswer(answer)]]);

  const subject = self.subject?.id ?? null;
  const at = timeOfId(self.id);
  if (subject !== null && at !== null) {
    const window = { from: toRfc3339(Math.max(0, at - FORWARD_MS)), to: toRfc3339(at + FORWARD_MS) };
    const { records } = await ask({ ledger, subject, ...window, order: "asc", limit: MOST_PER_ANSWER }, signal);
    for (const row of records) {
      const sharesTrace = self.traceId !== null && row.trace_id === self.traceId;
      const sharesDecision = self.decisionId !== null && row.decision_id === self.decisionId;
      const same = sharesTrace || sharesDecision || row.parent_id === self.id;
      if (same && !links.has(row.id)) links.set(row.id, ofSummary(row));
    }
  }

  let cause = self.parentId;
  for (let depth = 0; cause !== null && depth < MOST_CAUSES; depth += 1) {
    const known = links.get(cause);
    if (known === undefined) {
      if (timeOfId(cause) === null) break;
      try {
        links.set(cause, ofAnswer(await get(cause, ledger, signal)));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) break;
        throw error;
      }
    }
    cause = links.get(cause)?.parentId ?? null;
  }
  return { links: [...links.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)), lookedForward: subject !== null };
}

export interface Placed {
  readonly link: Link;
  readonly column: number;
  readonly row: number;
}

/** Where each link stands in the drawing: causes to the left, branches below each other. */
export function place(links: readonly Link[]): readonly Placed[] {
  const column = new Map<string, number>();
  const taken = new Map<number, number>();
  return links.map((link) => {
    const before = link.parentId === null ? undefined : column.get(link.parentId);
    const at = before === undefined ? 0 : before + 1;
    const row = taken.get(at) ?? 0;
    column.set(link.id, at);
    taken.set(at, row + 1);
    return { link, column: at, row };
  });
}
