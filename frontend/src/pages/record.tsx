import Head from "next/head";
import type { ReactElement } from "react";
import { RecordView } from "@/features/record/record-view";

export default function RecordPage(): ReactElement {
  return (
    <>
      <Head>
        <title>Record · AI Audit Layer</title>
      </Head>
      <RecordView />
    </>
  );
}
