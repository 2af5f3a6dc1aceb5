import { useMutation } from "@tanstack/react-query";
import { useRef, useState, type ReactElement } from "react";
import { usePreferences } from "@/lib/preferences/preferences";
import { formatTime, zoneName } from "@/lib/time/time";
import type { Search } from "@/lib/search/search";
import { conditions } from "@/lib/filters/filters";
import { Button, buttonClass } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Dialog } from "@/components/ui/dialog";
import { exportCsv, type Export } from "./csv";

interface Props {
  readonly search: Search;
  readonly onClose: () => void;
}

function fileName({ ledger, window }: Search, until: number): string {
  const stamp = (at: number): string => new Date(at).toISOString().slice(0, 19).replaceAll(":", "-");
  return `audit_${ledger}_${window.from === null ? "beginning" : stamp(window.from)}_${stamp(window.to ?? until)}.csv`;
}

/** Takes the whole result of the filter out as a file, and says how many rows, of which time, with which hash. */
export function ExportDialog({ search, onClose }: Props): ReactElement {
  const { zone } = usePreferences();
  const [rows, setRows] = useState(0);
  const [until] = useState(() => Date.now());
  const stop = useRef<AbortController | null>(null);
  const work = useMutation({
    mutationFn: () => {
      stop.current = new AbortController();
      setRows(0);
      return exportCsv(search, stop.current.signal, setRows);
    },
  });
  const close = (): void => {
    stop.current?.abort();
    onClose();
  };
  const { window, filters } = search;
  const begin = window.from === null ? "the beginning" : formatTime(window.from, zone);
  const end = window.to === null ? "now" : formatTime(window.to, zone);
  const count = conditions(filters);
  return (
    <Dialog title="Export as CSV" onClose={close}>
      <p className="text-sm text-ink-2">
        The whole result, not only what is loaded: ledger <b className="font-semibold text-ink">{search.ledger}</b>, from {begin} to {end} {zoneName(zone, until)},{" "}
        {count === 0 ? "without further conditions" : `under ${count.toString()} ${count === 1 ? "condition" : "conditions"}`}, {filters.order === "desc" ? "newest" : "oldest"} first. Times in the file are in UTC.
      </p>
      {work.data === undefined ? (
        <div className="mt-4">
          {work.isPending ? (
            <div role="status" className="flex items-center justify-between gap-4">
              <span className="font-medium">{rows.toLocaleString("en")} rows so far</span>
              <Button onClick={close}>Cancel</Button>
            </div>
          ) : (
            <>
              {work.error === null ? null : (
                <p role="alert" className="mb-3 text-sm text-broken">
                  {work.error.message} Nothing was saved.
                </p>
              )}
              <Button look="primary" onClick={() => work.mutate()}>
                {work.error === null ? "Read all rows" : "Try again"}
              </Button>
            </>
          )}
        </div>
      ) : (
        <Ready made={work.data} name={fileName(search, until)} />
      )}
    </Dialog>
  );
}

function Ready({ made, name }: { made: Export; name: string }): ReactElement {
  const [url] = useState(() => URL.createObjectURL(made.blob));
  return (
    <div className="mt-4" role="status">
      <dl className="grid grid-cols-[5rem_minmax(0,1fr)] gap-y-1 text-sm">
        <dt className="text-ink-3">Rows</dt>
        <dd className="font-medium">
          {made.rows.toLocaleString("en")} <span className="font-normal text-ink-3">of a ledger of {made.size.toLocaleString("en")} entries</span>
        </dd>
        <dt className="text-ink-3">Size</dt>
        <dd>{made.blob.size.toLocaleString("en")} bytes</dd>
        <dt className="text-ink-3">SHA-256</dt>
        <dd className="flex items-start gap-1">
          <span className="font-mono text-xs leading-5 break-all">{made.sha256}</span>
          <CopyButton text={made.sha256} label="Copy the hash" />
        </dd>
      </dl>
      <a href={url} download={name} className={buttonClass("primary", "mt-4")}>
        Save the file
      </a>
      <p className="mt-3 text-xs text-ink-3">The same filter over the same time gives the same bytes and the same hash, as long as no record comes late.</p>
    </div>
  );
}
