import Head from "next/head";
import type { ReactElement } from "react";
import { Explorer } from "@/features/explorer/explorer";

export default function ExplorerPage(): ReactElement {
  return (
    <>
      <Head>
        <title>Explorer · AI Audit Layer</title>
      </Head>
      <Explorer />
    </>
  );
}
