/** What led to the record and what followed: drawn, and as a list beneath the drawing. */

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactElement } from "react";
import type { RecordAnswer } from "@/lib/api/client";
import { findChain, place, type Link as ChainLink, type Placed } from "@/lib/record/chain";
import { OutcomeMark, typeName } from "@/components/record/marks";
import { When } from "@/components/record/when";
import { Section } from "@/components/record/parts";
import { Failure, Lines } from "@/components/state/states";
import { formatDuration } from "@/lib/time/time";

interface Props {
  readonly answer: RecordAnswer;
  readonly hrefOf: (id: string) => string;
}

export function ChainView({ answer, hrefOf }: Props): ReactElement {
  const id = answer.record.id;
  const { data, error, refetch } = useQuery({
    queryKey: ["chain", answer.ledger, id],
    queryFn: ({ signal }) => findChain(answer, signal),
  });
  return (
    <Section title="Causes and effects" note={data?.lookedForward === false ? "Without a subject only its causes are looked for" : undefined}>
      {error !== null ? (
        <Failure error={error} retry={() => void refetch()} title="The chain could not be loaded" />
      ) : data === undefined ? (
        <Lines count={3} />
      ) : data.links.length === 1 ? (
        <p className="text-sm text-ink-2">It stands alone: no cause is named, and nothing that followed was found.</p>
      ) : (
        <>
          <Drawing placed={place(data.links)} self={id} hrefOf={hrefOf} />
          <List links={data.links} self={id} hrefOf={hrefOf} />
        </>
      )}
    </Section>
  );
}

const NODE = { width: 138, height: 46, gapX: 34, gapY: 14 };

function Drawing({ placed, self, hrefOf }: { placed: readonly Placed[]; self: string; hrefOf: Props["hrefOf"] }): ReactElement {
  const at = new Map(placed.map((one) => [one.link.id, one]));
  const x = (one: Placed): number => 1 + one.column * (NODE.width + NODE.gapX);
  const y = (one: Placed): number => 1 + one.row * (NODE.height + NODE.gapY);
  const width = Math.max(...placed.map(x)) + NODE.width + 1;
  const height = Math.max(...placed.map(y)) + NODE.height + 1;
  return (
    <div className="-mx-1 overflow-x-auto px-1 pb-3 print:hidden" tabIndex={0} role="region" aria-label="Drawing of the chain; the list below says the same">
      <svg width={width} height={height} viewBox={`0 0 ${width.toString()} ${height.toString()}`} className="text-ink">
        {placed.map((one) => {
          const before = one.link.parentId === null ? undefined : at.get(one.link.parentId);
          if (before === undefined) return null;
          const [x1, y1, x2, y2] = [x(before) + NODE.width, y(before) + NODE.height / 2, x(one), y(one) + NODE.height / 2];
          const middle = (x1 + x2) / 2;
          return (
            <path
              key={`to ${one.link.id}`}
              d={`M${x1.toString()} ${y1.toString()}C${middle.toString()} ${y1.toString()} ${middle.toString()} ${y2.toString()} ${(x2 - 5).toString()} ${y2.toString()}m-4 -3.5l5 3.5l-5 3.5`}
              fill="none"
              className="stroke-ink-3"
              strokeWidth="1.2"
            />
          );
        })}
        {placed.map((one) => (
          <Node key={one.link.id} link={one.link} x={x(one)} y={y(one)} self={one.link.id === self} href={hrefOf(one.link.id)} />
        ))}
      </svg>
    </div>
  );
}

function Node({ link, x, y, self, href }: { link: ChainLink; x: number; y: number; self: boolean; href: string }): ReactElement {
  const second = link.outcome ?? link.title ?? "";
  const drawing = (
    <>
      <rect x={x} y={y} width={NODE.width} height={NODE.height} rx="5" className={self ? "fill-accent-soft stroke-accent" : "fill-panel stroke-line-strong"} strokeWidth={self ? 1.5 : 1} />
      <text x={x + 11} y={y + 19} className="fill-ink text-[12px] font-medium">
        {typeName(link.type)}
      </text>{" "}
      <text x={x + 11} y={y + 35} className="fill-ink-2 text-[11px]">
        {second.length > 20 ? `${second.slice(0, 19)}…` : second}
      </text>
    </>
  );
  if (self) return <g>{drawing}</g>;
  return (
    <Link href={href} className="outline-offset-1">
      {drawing}
    </Link>
  );
}

function List({ links, self, hrefOf }: { links: readonly ChainLink[]; self: string; hrefOf: Props["hrefOf"] }): ReactElement {
  const first = links[0]?.at ?? 0;
  return (
    <ol className="text-sm">
      {links.map((link) => (
        <li key={link.id} className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 border-t border-line py-1.5 sm:grid-cols-[9.5rem_minmax(0,1fr)_7rem_6rem]">
          <span className="text-ink-2 max-sm:order-2">
            <When at={link.at} />
          </span>
          <span className="truncate max-sm:order-1">
            {link.id === self ? (
              <span aria-current="true" className="font-medium">
                {typeName(link.type)} <span className="font-normal text-ink-3">(this record)</span>
              </span>
            ) : (
              <Link href={hrefOf(link.id)} className="font-medium text-accent hover:underline">
                {typeName(link.type)}
              </Link>
            )}
            {link.title === null ? null : <span className="ms-2 text-ink-2">{link.title}</span>}
          </span>
          <span className="max-sm:hidden">{link.outcome === null ? null : <OutcomeMark outcome={link.outcome} />}</span>
          <span className="text-end text-xs text-ink-3 max-sm:hidden">+{formatDuration(link.at - first)}</span>
        </li>
      ))}
    </ol>
  );
}
