/** Line icons on a grid of 16, drawn here so that none is loaded from elsewhere. */

import type { ReactElement } from "react";

const PATHS = {
  live: "M8 8h.01M5.2 10.8a4 4 0 0 1 0-5.6M10.8 5.2a4 4 0 0 1 0 5.6M3 13A7 7 0 0 1 3 3M13 3a7 7 0 0 1 0 10",
  explorer: "M2 4h12M2 8h7M2 12h5M11.5 12.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM13 12l1.5 1.5",
  metrics: "M2.5 13.5V9M6.2 13.5v-11M9.8 13.5V7M13.5 13.5V4.5",
  reference: "M4 2.5h7.5a1 1 0 0 1 1 1v10H4.8A1.3 1.3 0 0 1 3.5 12.2V3a.5.5 0 0 1 .5-.5ZM3.5 12a1.5 1.5 0 0 1 1.5-1.2h7.5",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5l3.2 3.2L13 4.8",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  down: "M4 6l4 4 4-4",
  up: "M4 10l4-4 4 4",
  right: "M6 4l4 4-4 4",
  left: "M10 4L6 8l4 4",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
  export: "M8 2.5v7M5 7l3 3 3-3M2.5 11v2.5h11V11",
  refresh: "M13.5 8a5.5 5.5 0 1 1-1.6-3.9M12.5 1.5v3h-3",
  link: "M6.5 9.5l3-3M7.5 4.5l1.2-1.2a2.8 2.8 0 0 1 4 4L11.5 8.5M8.5 11.5l-1.2 1.2a2.8 2.8 0 0 1-4-4L4.5 7.5",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.5l7.5 4.5L5 12.5z",
  sun: "M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.5V8l2.3 1.5",
  leave: "M6 2.5H3v11h3M7 8h6.5M11 5l3 3-3 3",
  keyboard: "M1.5 4h13v8h-13zM4 6.5h.01M6.5 6.5h.01M9 6.5h.01M11.5 6.5h.01M5 9.5h6",
  bookmark: "M4.5 2.5h7v11L8 10.8l-3.5 2.7z",
  print: "M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7z",
  shield: "M8 1.8l5 1.8v4c0 3-2 5.3-5 6.6-3-1.3-5-3.6-5-6.6v-4zM5.8 8l1.6 1.6 2.9-3.2",
  broken: "M8 1.8l5 1.8v4c0 3-2 5.3-5 6.6-3-1.3-5-3.6-5-6.6v-4zM6.2 6.2l3.6 3.6M9.8 6.2L6.2 9.8",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.3 10.3l3.2 3.2",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactElement {
  return (
    <svg
      aria-hidden="true"
      className="shrink-0"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "more" || name === "keyboard" ? 1.7 : 1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
