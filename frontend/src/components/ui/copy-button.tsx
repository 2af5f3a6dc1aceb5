import { useState, type ReactElement } from "react";
import { Icon } from "./icon";

/** Copies a text and says that it did. */
export function CopyButton({ text, label }: { text: string; label: string }): ReactElement {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      title={label}
      className="no-print inline-flex size-6 shrink-0 items-center justify-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => setCopied(true));
      }}
      onBlur={() => setCopied(false)}
    >
      <Icon name={copied ? "check" : "copy"} size={13} />
      <span role="status" className="sr-only">
        {copied ? "Copied" : label}
      </span>
    </button>
  );
}
