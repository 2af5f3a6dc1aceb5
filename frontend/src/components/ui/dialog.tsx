import { useCallback, useId, type ReactElement, type ReactNode } from "react";
import { IconButton } from "./button";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * A modal dialog: the browser's own, which traps the focus, closes on Escape and needs no style
 * element (the content security policy would refuse one). Mounted, it is open.
 */
export function Dialog({ title, onClose, children }: Props): ReactElement {
  const heading = useId();
  const open = useCallback((dialog: HTMLDialogElement | null) => {
    if (dialog !== null && !dialog.open) dialog.showModal();
  }, []);
  return (
    <dialog
      ref={open}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
      className="m-auto max-h-[85dvh] w-[min(34rem,calc(100vw-2rem))] overflow-y-auto rounded-lg border border-line bg-panel p-0 text-ink shadow-[0_16px_48px_var(--shadow)]"
    >
      <div className="p-5">
        <div className="mb-3 flex items-start justify-between gap-4">
          <h2 id={heading} className="text-lg font-semibold">
            {title}
          </h2>
          <IconButton label="Close" icon="close" className="-mt-1 -mr-1" onClick={(event) => event.currentTarget.closest("dialog")?.close()} />
        </div>
        {children}
      </div>
    </dialog>
  );
}
