import Head from "next/head";
import type { ReactElement } from "react";

export default function ExplorerPage(): ReactElement {
  return (
    <main id="main">
      <Head>
        <title>Explorer · AI Audit Layer</title>
      </Head>
      <h1>Explorer</h1>
    </main>
  );
}
