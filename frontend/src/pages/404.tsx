import Head from "next/head";
import Link from "next/link";
import type { ReactElement } from "react";
import { buttonClass } from "@/components/ui/button";

export default function NotFoundPage(): ReactElement {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center px-6">
      <Head>
        <title>Not found · AI Audit Layer</title>
      </Head>
      <p className="font-mono text-sm text-ink-3">404</p>
      <h1 className="mt-1 text-2xl font-semibold tracking-tight">There is no such page</h1>
      <p className="mt-2 text-ink-2">The address may be mistyped, or the page may have moved. Records are found by their id in the explorer.</p>
      <p className="mt-6">
        <Link href="/" className={buttonClass("primary")}>
          To the explorer
        </Link>
      </p>
    </main>
  );
}
