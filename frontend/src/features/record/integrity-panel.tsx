/** Recomputes in this browser what the record's evidence allows, and says step by step what holds. */

import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import type { RecordAnswer } from "@/lib/api/client";
import { verify, type Step, type Verdict } from "@/lib/verify/verify";
import { Lines } from "@/components/state/states";
import { CopyButton } from "@/components/ui/copy-button";
import { Icon } from "@/components/ui/icon";

export function IntegrityPanel({ answer }: { answer: RecordAnswer }): ReactElement {
  const { data: verdict, error } = useQuery({
    queryKey: ["verdict", answer.leaf_hash, answer.record.id],
    queryFn: () => verify(answer),
    staleTime: Infinity,
    retry: false,
  });
  if (error !== null) {
    return (
      <p role="alert" className="text-sm text-broken">
        The check could not run: {error.message} A page that is not served by HTTPS or from localhost has no WebCrypto.
      </p>
    );
  }
  if (verdict === undefined) return <Lines count={4} />;
  return <Shown verdict={verdict} answer={answer} />;
}

function Shown({ verdict, answer }: { verdict: Verdict; answer: RecordAnswer }): ReactElement {
  const broken = verdict.steps.filter((step) => step.state === "broken");
  const { segment } = answer.evidence;
  return (
    <div>
      <div role="status" data-verdict={verdict.holds ? "holds" : "broken"} className={`flex items-start gap-2.5 rounded px-3 py-2.5 ${verdict.holds ? "bg-accent-soft text-accent" : "bg-broken-soft text-broken"}`}>
        <span className="pt-0.5">
          <Icon name={verdict.holds ? "shield" : "broken"} size={18} />
        </span>
        <div>
          <p className="font-semibold">{verdict.holds ? "What is shown is what was recorded" : "What is shown is not what was recorded"}</p>
          <p className="text-xs text-ink-2">
            {verdict.holds
              ? `${verdict.fields.length.toString()} fields and ${verdict.steps.length.toString()} steps, computed in this browser.`
              : `Broken: ${broken.map((step) => step.title.toLowerCase()).join(", ")}. Don't rely on it; tell the operator.`}
          </p>
        </div>
      </div>
      <ul className="mt-2">
        {verdict.steps.map((step) => (
          <StepLine key={step.name} step={step} />
        ))}
      </ul>
      <p className="mt-2 text-xs text-ink-3">Not part of this check: the sealed bytes in the segment, and the signed checkpoint that shows the leaf in the ledger.</p>
      <details className="mt-3 text-xs">
        <summary className="text-ink-2 hover:text-ink">Evidence and digests</summary>
        <dl className="mt-2 space-y-1.5">
          <Place name="Segment" text={segment.key} />
          <Place name="Version" text={segment.version} />
          <Place name="Bytes" text={`${segment.offset.toLocaleString("en")} – ${(segment.offset + segment.length).toLocaleString("en")}`} />
          <Place name="Entry" text={answer.evidence.entry} />
        </dl>
        <Digests verdict={verdict} />
      </details>
    </div>
  );
}

const MARKS = {
  holds: { icon: "check", tone: "text-accent", word: "holds" },
  broken: { icon: "close", tone: "text-broken", word: "broken" },
  sealed: { icon: "minus", tone: "text-ink-3", word: "erased" },
} as const;

function StepLine({ step }: { step: Step }): ReactElement {
  const [open, setOpen] = useState(false);
  const { icon, tone, word } = MARKS[step.state];
  const shownOpen = open || step.state === "broken";
  return (
    <li className="border-b border-line last:border-b-0">
      <button type="button" aria-expanded={shownOpen} className="flex h-8 w-full items-center gap-2 text-start text-sm" onClick={() => setOpen(!open)}>
        <span className={tone}>
          <Icon name={icon} size={14} />
        </span>
        <span className="flex-1">{step.title}</span>
        <span className={`text-xs ${tone}`}>{word}</span>
      </button>
      {shownOpen ? (
        <div className="pb-2 ps-6 text-xs text-ink-2">
          <p>{step.says}</p>
          {step.computed === null ? null : <Place name="Computed" text={step.computed} />}
          {step.recorded === null ? null : <Place name="Recorded" text={step.recorded} />}
        </div>
      ) : null}
    </li>
  );
}

function Place({ name, text }: { name: string; text: string }): ReactElement {
  return (
    <div className="mt-1 grid grid-cols-[4.5rem_minmax(0,1fr)_auto] items-start gap-1">
      <span className="leading-6 text-ink-3">{name}</span>
      <span className="line-clamp-3 font-mono leading-6 break-all text-ink">{text}</span>
      <CopyButton text={text} label={`Copy: ${name}`} />
    </div>
  );
}

function Digests({ verdict }: { verdict: Verdict }): ReactElement {
  return (
    <div tabIndex={0} role="region" aria-label="Digests of the fields" className="mt-3 relative max-h-72 overflow-auto">
      <table className="w-full border-collapse">
        <thead>
          <tr className="text-start text-ink-3">
            <th scope="col" className="py-1 pe-2 text-start font-medium">
              Field
            </th>
            <th scope="col" className="py-1 text-start font-medium">
              Digest
            </th>
          </tr>
        </thead>
        <tbody>
          {verdict.fields.map((field) => (
            <tr key={field.pointer} className="border-t border-line align-top">
              <td className="py-1 pe-2 font-mono break-all">{field.pointer}</td>
              <td className="max-w-32 truncate py-1 font-mono text-ink-2" title={field.digest}>
                {field.digest}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
