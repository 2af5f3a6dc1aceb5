/** What a record says of itself beside its content: ids, use and cost, regulation. */

import Link from "next/link";
import type { ReactElement } from "react";
import type { RecordAnswer } from "@/lib/api/client";
import { asList, asNumber, asText, shown } from "@/lib/record/loose";
import type { ReadRecord } from "@/lib/record/reading";
import { formatDuration, formatTime, fromRfc3339 } from "@/lib/time/time";
import { Fact, Facts, Section } from "@/components/record/parts";
import { When } from "@/components/record/when";
import { CopyButton } from "@/components/ui/copy-button";

const count = (value: unknown): string | null => asNumber(value)?.toLocaleString("en") ?? null;

/** The call: model, tokens, time and money. */
export function Usage({ record }: { record: ReadRecord }): ReactElement | null {
  const { attributes } = record;
  const model = asText(attributes["gen_ai.response.model"]);
  const asked = asText(attributes["gen_ai.request.model"]);
  const cost = asNumber(attributes["audit.call.cost"]);
  const took = record.occurredAt !== null && record.endedAt !== null ? record.endedAt - record.occurredAt : null;
  const finish = asList(attributes["gen_ai.response.finish_reasons"]).map(shown).join(", ");
  const name = asText(attributes["gen_ai.prompt.name"]);
  if (model === null && asked === null && took === null) return null;
  return (
    <Section title="Usage and cost">
      <Facts>
        <Fact name="Model">{model ?? asked}</Fact>
        <Fact name="Asked for">{model !== null && asked !== null && model !== asked ? asked : null}</Fact>
        <Fact name="Provider">{asText(attributes["gen_ai.provider.name"])}</Fact>
        <Fact name="Prompt">{name === null ? null : `${name} ${asText(attributes["gen_ai.prompt.version"]) ?? ""}`.trim()}</Fact>
        <Fact name="Took">{took === null ? null : formatDuration(took)}</Fact>
        <Fact name="Tokens in">{count(attributes["gen_ai.usage.input_tokens"])}</Fact>
        <Fact name="Of them cached">{count(attributes["gen_ai.usage.cache_read.input_tokens"])}</Fact>
        <Fact name="Tokens out">{count(attributes["gen_ai.usage.output_tokens"])}</Fact>
        <Fact name="Of them reasoning">{count(attributes["gen_ai.usage.reasoning.output_tokens"])}</Fact>
        <Fact name="Cost">{cost === null ? null : `${cost.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 6 })} USD`}</Fact>
        <Fact name="Completion">{asText(attributes["audit.call.completion"])}</Fact>
        <Fact name="Finished by">{finish}</Fact>
        <Fact name="Error">{asText(attributes["error.type"])}</Fact>
        <Fact name="Attempts">{count(attributes["audit.call.attempts"])}</Fact>
      </Facts>
    </Section>
  );
}

export function Identity({ record, answer }: { record: ReadRecord; answer: RecordAnswer }): ReactElement {
  const received = fromRfc3339(answer.received_at);
  const ledger = answer.ledger.slice(answer.ledger.indexOf("/") + 1);
  const filtered = (field: string, value: string): ReactElement => (
    <Link className="break-all text-accent hover:underline" href={`/?${new URLSearchParams({ ledger, range: "all", [field]: value }).toString()}`}>
      {value}
    </Link>
  );
  return (
    <Section title="Record">
      <Facts>
        <Fact name="Subject">
          {record.subject?.id ? (
            <>
              {filtered("subject", record.subject.id)} <span className="text-ink-3">{record.subject.category}</span>
            </>
          ) : null}
        </Fact>
        <Fact name="Actor">
          {record.actor?.id ? (
            <>
              {filtered("actor", record.actor.id)} <span className="text-ink-3">{record.actor.type}</span>
            </>
          ) : null}
        </Fact>
        <Fact name="System">{record.system === "" ? null : filtered("system", record.system)}</Fact>
        <Fact name="Environment">{record.environment}</Fact>
        <Fact name="Happened">{record.occurredAt === null ? null : <When at={record.occurredAt} form="exact" zoned />}</Fact>
        <Fact name="Received">{received === null ? null : <When at={received} form="exact" zoned />}</Fact>
        <Fact name="Ledger">{answer.ledger}</Fact>
        <Fact name="Index">
          {answer.index.toLocaleString("en")} <span className="text-ink-3">{answer.status}</span>
        </Fact>
        <Id name="Id" value={record.id} />
        <Id name="Decision id" value={record.decisionId} />
        <Id name="Trace" value={record.traceId} />
        <Fact name="Producer">{record.producer?.id ? `${record.producer.id}${record.producer.seq === null ? "" : ` no. ${record.producer.seq.toLocaleString("en")}`}` : null}</Fact>
      </Facts>
    </Section>
  );
}

function Id({ name, value }: { name: string; value: string | null }): ReactElement | null {
  if (value === null || value === "") return null;
  return (
    <Fact name={name}>
      <span className="flex items-start gap-1">
        <span className="font-mono text-xs leading-5 break-all">{value}</span>
        <CopyButton text={value} label={`Copy: ${name}`} />
      </span>
    </Fact>
  );
}

export function Regulation({ record }: { record: ReadRecord }): ReactElement | null {
  const { regulatory } = record;
  if (Object.keys(regulatory).length === 0) return null;
  const time = (name: string): string | null => {
    const at = fromRfc3339(asText(regulatory[name]));
    return at === null ? null : `${formatTime(at, "utc")} UTC`;
  };
  const retention = regulatory["retention"] as Record<string, unknown> | null | undefined;
  const kept = [asText(retention?.["class"]), asText(retention?.["until"])].filter((text) => text !== null).join(", until ");
  return (
    <Section title="Regulation">
      <Facts>
        <Fact name="System's risk">{asText(regulatory["system_risk_class"])}</Fact>
        <Fact name="Purpose">{asText(regulatory["intended_purpose"])}</Fact>
        <Fact name="Legal basis">{asText(regulatory["legal_basis"])?.replaceAll("_", " ")}</Fact>
        <Fact name="Reference data">{asList(regulatory["reference_data"]).map(shown).join(", ")}</Fact>
        <Fact name="Use began">{time("use_started_at")}</Fact>
        <Fact name="Use ended">{time("use_ended_at")}</Fact>
        <Fact name="Kept">{kept}</Fact>
      </Facts>
    </Section>
  );
}
