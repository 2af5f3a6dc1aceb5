/** How outcome, risk and the like are marked: always by word, and by shape besides colour. */

import type { ReactElement } from "react";

const RISKS = ["minimal", "limited", "high", "critical"] as const;
const BARS = [
  [1, 10, 2],
  [5, 7.5, 4.5],
  [9, 5, 7],
  [13, 2, 10],
] as const;
/** From light to dark, the more the heavier; the bars that are filled say the same. */
const RAMP = ["text-ink-3", "text-ink-2", "text-ink", "text-ink"] as const;

/** A risk level as one to four rising bars and its word. */
export function RiskMark({ level }: { level: string }): ReactElement {
  const rank = RISKS.findIndex((known) => known === level);
  const tone = RAMP[rank] ?? "text-ink-2";
  return (
    <span className={`inline-flex items-center gap-1.5 ${tone} ${rank === 3 ? "font-semibold" : ""}`}>
      <svg aria-hidden="true" className="shrink-0" width="16" height="13" viewBox="0 0 16 13">
        {BARS.map(([x, y, height], at) => (
          <rect key={x} x={x - 1} y={y} width="2.6" height={height} rx="0.6" fill="currentColor" opacity={at <= rank ? 1 : 0.22} />
        ))}
      </svg>
      {level}
    </span>
  );
}

interface OutcomeLook {
  readonly tone: string;
  readonly path: string;
}

const OUTCOMES: Record<string, OutcomeLook> = {
  approved: { tone: "text-accent", path: "M2.5 6.5 5 9l4.5-6" },
  denied: { tone: "text-denied", path: "M3 3l6 6M9 3 3 9" },
  flagged: { tone: "text-flagged", path: "M3.5 10.5v-9h5.5L7.5 4 9 6.5H3.5" },
  escalated: { tone: "text-escalated", path: "M6 10.5v-8M2.8 5.5 6 2.3l3.2 3.2" },
  completed: { tone: "text-ink-2", path: "M3 6h6" },
  error: { tone: "text-broken", path: "M6 2v4.8M6 9.6v.1" },
};
const OTHER: OutcomeLook = { tone: "text-ink-2", path: "M6 6h.01" };

/** An outcome by its sign and its word. An unknown word is shown as it is. */
export function OutcomeMark({ outcome, large = false }: { outcome: string; large?: boolean }): ReactElement {
  const { tone, path } = OUTCOMES[outcome] ?? OTHER;
  const size = large ? 22 : 12;
  return (
    <span className={`inline-flex items-center ${large ? "gap-2.5" : "gap-1.5"} ${tone}`}>
      <svg aria-hidden="true" className="shrink-0" width={size} height={size} viewBox="0 0 12 12" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round">
        <path d={path} />
      </svg>
      {outcome}
    </span>
  );
}

const TYPES: Record<string, string> = {
  llm_call: "Model call",
  tool_call: "Tool call",
  decision: "Decision",
  human_review: "Human review",
  config_change: "Change of setup",
  access: "Access",
  export: "Export",
  heartbeat: "Heartbeat",
  gap: "Gap",
};

/** A record's type in words. */
export function typeName(type: string): string {
  return TYPES[type] ?? type;
}

export const TYPE_NAMES = Object.entries(TYPES);
export const RISK_LEVELS = RISKS;
export const KNOWN_OUTCOMES = Object.keys(OUTCOMES);
