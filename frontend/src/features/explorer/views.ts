/** Saved views, on this machine: a name and a search. */

export interface View {
  readonly name: string;
  readonly search: string;
}

const STORED_AS = "audit.views";

function isView(value: unknown): value is View {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string" && "search" in value && typeof value.search === "string";
}

export function readViews(): readonly View[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(STORED_AS) ?? "[]");
    return Array.isArray(read) ? read.filter(isView) : [];
  } catch {
    return [];
  }
}

function write(views: readonly View[]): readonly View[] {
  localStorage.setItem(STORED_AS, JSON.stringify(views));
  return views;
}

/** Saves a view in place of one of the same name. */
export function saveView(view: View): readonly View[] {
  const others = readViews().filter((other) => other.name !== view.name);
  return write([...others, view].sort((a, b) => a.name.localeCompare(b.name)));
}

export function deleteView(name: string): readonly View[] {
  return write(readViews().filter((view) => view.name !== name));
}
