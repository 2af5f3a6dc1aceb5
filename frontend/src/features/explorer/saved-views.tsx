import { useRouter } from "next/router";
import { useState, type ReactElement } from "react";
import { toSearch, type Filters } from "@/lib/filters/filters";
import { Button, IconButton } from "@/components/ui/button";
import { CONTROL } from "@/components/ui/field";
import { deleteView, readViews, saveView } from "./views";

/** Filters kept under a name on this machine. A relative range stays relative. */
export function SavedViews({ filters, ledger }: { filters: Filters; ledger: string | null }): ReactElement {
  const router = useRouter();
  const [views, setViews] = useState(readViews);
  return (
    <div className="w-64">
      {views.length === 0 ? <p className="mb-3 text-ink-3">No view is saved yet. Save the filter as it stands under a name.</p> : null}
      <ul className="mb-2">
        {views.map((view) => (
          <li key={view.name} className="flex items-center">
            <button type="button" className="h-8 flex-1 truncate rounded px-2 text-start hover:bg-sunken" onClick={() => void router.push(`/?${view.search}`)}>
              {view.name}
            </button>
            <IconButton label={`Delete ${view.name}`} icon="close" className="size-7" onClick={() => setViews(deleteView(view.name))} />
          </li>
        ))}
      </ul>
      <form
        className="flex gap-2 border-t border-line pt-3"
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const name = new FormData(form).get("name");
          if (typeof name !== "string" || name.trim() === "") return;
          setViews(saveView({ name: name.trim(), search: toSearch(filters, ledger ?? "", null).toString() }));
          form.reset();
        }}
      >
        <input name="name" aria-label="Name of this view" placeholder="Name of this view" maxLength={60} required className={CONTROL} autoComplete="off" />
        <Button type="submit">Save</Button>
      </form>
    </div>
  );
}
