/** Lets a page in only with a session, and sends everybody else to the sign-in page and back. */

import { useRouter } from "next/router";
import { useEffect, type ReactElement, type ReactNode } from "react";
import { useSession } from "@/lib/session/session";

export function Gate({ children }: { children: ReactNode }): ReactElement {
  const session = useSession();
  const router = useRouter();
  const shut = session.state === "none";
  useEffect(() => {
    if (!shut || !router.isReady) return;
    const next = window.location.pathname + window.location.search;
    void router.replace(next === "/" ? "/sign-in/" : `/sign-in/?next=${encodeURIComponent(next)}`);
  }, [shut, router]);
  if (session.state === "open" && router.isReady) return <>{children}</>;
  return (
    <main id="main" className="flex-1 p-6" aria-busy="true">
      <h1 className="sr-only">AI Audit Layer</h1>
      <div aria-hidden="true" className="skeleton h-6 w-48" />
      <div aria-hidden="true" className="skeleton mt-6 h-9 w-full" />
      <div aria-hidden="true" className="skeleton mt-3 h-64 w-full" />
    </main>
  );
}
