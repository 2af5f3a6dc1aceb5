/**
 * The places of the dashboard, in three groups: to look, to prove, to manage. A group is shown once
 * it has a place, a place once its page is there.
 */

import type { IconName } from "@/components/ui/icon";

export interface Place {
  readonly href: string;
  readonly name: string;
  readonly icon: IconName;
  /** The second key of the shortcut `g …`. */
  readonly key: string;
}

export interface Group {
  readonly name: string;
  readonly places: readonly Place[];
}

export const GROUPS: readonly Group[] = [
  {
    name: "Look",
    places: [
      { href: "/", name: "Explorer", icon: "explorer", key: "e" },
      { href: "/live/", name: "Live", icon: "live", key: "l" },
    ],
  },
  { name: "Prove", places: [] },
  { name: "Manage", places: [] },
];

export const PLACES = GROUPS.flatMap((group) => group.places);
