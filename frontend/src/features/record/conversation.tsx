import { useState, type ReactElement } from "react";
import { readConversation, type Piece, type Turn } from "@/lib/record/conversation";
import { shown, type Loose } from "@/lib/record/loose";

const ROLE_NAMES: Record<Turn["role"], string> = {
  instructions: "Instructions",
  user: "Asked",
  assistant: "Answered",
  tool: "Tool",
  other: "Message",
};

/** What was said, as text; the switch shows it as it was recorded. */
export function Conversation({ attributes }: { attributes: Loose }): ReactElement {
  const [raw, setRaw] = useState(false);
  const turns = readConversation(attributes);
  const recorded = Object.fromEntries(Object.entries(attributes).filter(([name]) => /^gen_ai\.(?:system_instructions|input|output|tool)/.test(name)));
  return (
    <div>
      <label className="no-print mb-2 inline-flex items-center gap-2 text-xs text-ink-2">
        <input type="checkbox" className="size-3.5 accent-accent" checked={raw} onChange={(event) => setRaw(event.target.checked)} />
        As recorded
      </label>
      {raw ? (
        <Code text={JSON.stringify(recorded, null, 2)} label="The conversation as recorded" />
      ) : (
        <ol className="space-y-4">
          {turns.map((turn, at) => (
            <li key={at} className="grid gap-1 sm:grid-cols-[6.5rem_minmax(0,1fr)] sm:gap-3">
              <span className="pt-px text-xs font-medium text-ink-3">{turn.role === "other" ? turn.name : ROLE_NAMES[turn.role]}</span>
              <div className={`min-w-0 space-y-2 ${turn.role === "assistant" ? "border-s-2 border-accent ps-3" : turn.role === "instructions" ? "text-ink-2" : ""}`}>
                {turn.pieces.map((piece, nth) => (
                  <PieceOf key={nth} piece={piece} />
                ))}
              </div>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function PieceOf({ piece }: { piece: Piece }): ReactElement {
  if (piece.kind === "text") return <p className="max-w-[68ch] whitespace-pre-wrap break-words">{piece.text}</p>;
  const title = { call: "Calls", result: "Gets from", other: "Holds" }[piece.kind];
  const name = piece.kind === "other" ? piece.what : piece.tool;
  return (
    <div>
      <p className="text-xs text-ink-3">
        {title} <code className="font-mono text-ink">{name}</code>
      </p>
      <Code text={piece.body} label={`${title} ${name}`} />
    </div>
  );
}

/** Text in columns of its own; it scrolls by itself. */
export function Code({ text, label }: { text: string; label: string }): ReactElement {
  return (
    <pre tabIndex={0} aria-label={label} className="mt-1 max-h-96 overflow-auto rounded bg-sunken px-3 py-2 font-mono text-xs leading-5 whitespace-pre-wrap break-words print:max-h-none">
      {shown(text)}
    </pre>
  );
}
