import Head from "next/head";
import type { ReactElement } from "react";
import { Live } from "@/features/live/live";

export default function LivePage(): ReactElement {
  return (
    <>
      <Head>
        <title>Live · AI Audit Layer</title>
      </Head>
      <Live />
    </>
  );
}
