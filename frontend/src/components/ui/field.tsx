import { useId, type InputHTMLAttributes, type ReactElement, type SelectHTMLAttributes } from "react";

export const CONTROL =
  "h-8 w-full min-w-0 rounded border border-line-strong bg-panel px-2 text-sm text-ink placeholder:text-ink-3";

export function TextField({ label, className = "", ...rest }: InputHTMLAttributes<HTMLInputElement> & { label: string }): ReactElement {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="label mb-1 block">
        {label}
      </label>
      <input id={id} className={CONTROL} autoComplete="off" spellCheck={false} {...rest} />
    </div>
  );
}

type SelectProps = SelectHTMLAttributes<HTMLSelectElement> & {
  label: string;
  options: readonly (readonly [value: string, text: string])[];
  hidden?: boolean;
};

/** The browser's own list: it needs no style of its own and works with every keyboard and reader. */
export function SelectField({ label, options, hidden = false, className = "", ...rest }: SelectProps): ReactElement {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className={hidden ? "sr-only" : "label mb-1 block"}>
        {label}
      </label>
      <select id={id} className={CONTROL} {...rest}>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
