import * as Radix from "@radix-ui/react-popover";
import type { ReactElement, ReactNode } from "react";

interface Props {
  readonly trigger: ReactElement;
  readonly label: string;
  readonly children: ReactNode;
  readonly align?: "start" | "end";
  readonly side?: "bottom" | "top" | "right";
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
}

/** What opens beside its button and lets the page go on. */
export function Popover({ trigger, label, children, align = "start", side = "bottom", open, onOpenChange }: Props): ReactElement {
  const control = { ...(open === undefined ? {} : { open }), ...(onOpenChange === undefined ? {} : { onOpenChange }) };
  return (
    <Radix.Root {...control}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={12}
          className="z-40 max-h-[min(32rem,var(--radix-popover-content-available-height))] min-w-48 overflow-y-auto rounded-md border border-line bg-panel p-3 text-sm text-ink shadow-[0_8px_28px_var(--shadow)]"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const PopoverClose = Radix.Close;
