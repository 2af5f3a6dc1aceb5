/** Factors as bars from a zero line: to the left against, to the right for; never by colour alone. */

import type { ReactElement } from "react";
import type { Factor, Way } from "@/lib/record/reading";

const METHODS: Record<string, string> = {
  model_reported: "the model's own account",
  logprob: "token probabilities",
  shap: "SHAP",
  counterfactual: "counterfactual",
  rule: "rule",
  user_supplied: "supplied by the application",
};

const WAYS: Record<Way, string> = {
  for: "towards approval",
  against: "towards decline",
  neither: "neither way",
  unsaid: "direction not said",
};

export function Factors({ factors }: { factors: readonly Factor[] }): ReactElement {
  const most = Math.max(...factors.map(({ weight }) => Math.abs(weight ?? 0)), Number.EPSILON);
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">Factors, with weight, direction and method</caption>
        <thead>
          <tr className="text-start text-xs text-ink-3">
            <th scope="col" className="pb-1 pe-4 text-start font-medium">
              Factor
            </th>
            <th scope="col" className="w-[42%] min-w-44 pb-1 font-medium">
              <span className="grid grid-cols-2 text-2xs">
                <span className="pe-2 text-end">← towards decline</span>
                <span className="ps-2 text-start">towards approval →</span>
              </span>
            </th>
            <th scope="col" className="pb-1 ps-4 text-start font-medium max-sm:hidden">
              Method
            </th>
            <th scope="col" className="pb-1 ps-4 text-start font-medium max-md:hidden">
              Uncertainty
            </th>
          </tr>
        </thead>
        <tbody>
          {factors.map((factor, at) => (
            <tr key={`${at.toString()} ${factor.name}`} className="border-t border-line align-top">
              <th scope="row" className="py-2 pe-4 text-start font-normal">
                <span className="font-medium break-words">{factor.name}</span>
                {factor.value === null ? null : <span className="block text-xs break-words text-ink-3">{factor.value}</span>}
                <span className="block text-xs text-ink-3 sm:hidden">{methodName(factor)}</span>
              </th>
              <td className="py-2">
                <Bar factor={factor} most={most} />
              </td>
              <td className="py-2 ps-4 text-ink-2 max-sm:hidden">{methodName(factor)}</td>
              <td className="py-2 ps-4 text-ink-3 max-md:hidden">{factor.uncertainty ?? "not estimated"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function methodName({ method }: Factor): string {
  return method === null ? "not said" : (METHODS[method] ?? method);
}

function Bar({ factor, most }: { factor: Factor; most: number }): ReactElement {
  const { weight, way, direction } = factor;
  const share = weight === null ? 0 : (Math.abs(weight) / most) * 100;
  const left = way === "against";
  const number = weight === null ? "no weight" : Math.abs(weight).toLocaleString("en", { maximumFractionDigits: 3 });
  const signed = weight === null ? number : way === "against" ? `−${number}` : way === "for" ? `+${number}` : number;
  const value = <span className="px-1.5 text-xs text-ink">{signed}</span>;
  const words = direction ?? WAYS[way];
  // The value takes some of each half, so that the longest bar leaves room for it.
  const bar = <span className={`h-3 rounded-[2px] ${left ? "bg-against" : way === "for" ? "bg-toward" : "bg-ink-3"}`} style={{ width: `calc((100% - 3.5rem) * ${(share / 100).toString()})` }} />;
  return (
    <div>
      <div className="grid grid-cols-2">
        <span className="flex h-5 items-center justify-end border-e border-ink-2">
          {left ? (
            <>
              {value}
              {bar}
            </>
          ) : null}
        </span>
        <span className="flex h-5 items-center">
          {left ? null : (
            <>
              {bar}
              {value}
            </>
          )}
        </span>
      </div>
      <p className="text-center text-2xs text-ink-3">{words}</p>
    </div>
  );
}
