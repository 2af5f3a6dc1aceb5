import type { ButtonHTMLAttributes, ReactElement } from "react";
import { Icon, type IconName } from "./icon";

const LOOKS = {
  primary: "bg-accent text-on-accent border-accent hover:opacity-90",
  plain: "bg-panel text-ink border-line-strong hover:bg-sunken",
  quiet: "border-transparent text-ink-2 hover:bg-sunken hover:text-ink",
} as const;

const BASE =
  "inline-flex items-center justify-center gap-1.5 rounded border px-2.5 h-8 text-sm font-medium whitespace-nowrap select-none disabled:opacity-50";

export type Look = keyof typeof LOOKS;

export function buttonClass(look: Look = "plain", more = ""): string {
  return `${BASE} ${LOOKS[look]} ${more}`;
}

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look; icon?: IconName };

export function Button({ look = "plain", icon, className = "", children, type = "button", ...rest }: Props): ReactElement {
  return (
    <button type={type} className={buttonClass(look, className)} {...rest}>
      {icon === undefined ? null : <Icon name={icon} size={14} />}
      {children}
    </button>
  );
}

/** A button that is an icon; its name is read aloud and shown as a tooltip. */
export function IconButton({ label, icon, className = "", type = "button", ...rest }: Omit<Props, "look"> & { label: string; icon: IconName }): ReactElement {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={`inline-flex size-8 shrink-0 items-center justify-center rounded text-ink-2 hover:bg-sunken hover:text-ink disabled:opacity-40 ${className}`}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
