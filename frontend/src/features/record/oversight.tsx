import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { fetchRecord, type RecordAnswer } from "@/lib/api/client";
import { findChain } from "@/lib/record/chain";
import { readRecord, type ReadRecord } from "@/lib/record/reading";
import { OutcomeMark } from "@/components/record/marks";
import { Section } from "@/components/record/parts";
import { When } from "@/components/record/when";

/** Who among people was asked, and what they said: on the record itself and in reviews of it. */
export function OversightTimeline({ answer, record }: { answer: RecordAnswer; record: ReadRecord }): ReactElement | null {
  const ledger = answer.ledger.slice(answer.ledger.indexOf("/") + 1);
  const { data: chain } = useQuery({
    queryKey: ["chain", answer.ledger, record.id],
    queryFn: ({ signal }) => findChain(answer, signal),
  });
  const reviews = chain?.links.filter((link) => link.type === "human_review" && link.id !== record.id).map((link) => link.id) ?? [];
  const { data: read } = useQuery({
    queryKey: ["reviews", ledger, reviews],
    enabled: reviews.length > 0,
    queryFn: ({ signal }) => Promise.all(reviews.map(async (id) => readRecord(await fetchRecord(id, ledger, signal)))),
  });
  const own = record.decision?.oversight ?? null;
  const rest = (read ?? []).filter((review) => review.decision?.oversight);
  if (own === null && reviews.length === 0) return null;
  return (
    <Section title="Human oversight" note={own?.required === true ? "required" : own?.required === false ? "not required" : undefined}>
      {own?.action == null && rest.length === 0 ? (
        <p className="text-sm text-ink-2">{own?.required === true ? "Required, and no review is on record yet." : "No person looked at it, as far as is on record."}</p>
      ) : (
        <ol className="space-y-3 border-s border-line-strong ps-4">
          {own?.action == null ? null : <Word review={record} />}
          {rest.map((review) => (
            <Word key={review.id} review={review} />
          ))}
        </ol>
      )}
    </Section>
  );
}

function Word({ review }: { review: ReadRecord }): ReactElement {
  const oversight = review.decision?.oversight;
  const at = oversight?.at ?? review.occurredAt;
  const people = oversight?.reviewers.map(({ id, role }) => (role === null ? id : `${id}, ${role}`)).join("; ");
  return (
    <li className="relative text-sm">
      <span aria-hidden="true" className="absolute -start-[1.3rem] top-1.5 size-2 rounded-full border-2 border-ground bg-ink-2 outline outline-ink-2" />
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-semibold">{oversight?.action ?? "looked at"}</span>
        {review.decision?.outcome ? <OutcomeMark outcome={review.decision.outcome} /> : null}
        <span className="text-ink-2">{people}</span>
        {at === null ? null : (
          <span className="text-ink-3">
            <When at={at} zoned />
          </span>
        )}
      </p>
      {oversight?.reason ? <p className="mt-0.5 max-w-[68ch] text-ink-2">{oversight.reason}</p> : null}
    </li>
  );
}
