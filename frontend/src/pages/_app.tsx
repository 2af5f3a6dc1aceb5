import "@fontsource-variable/ibm-plex-sans/wght.css";
import "@fontsource/ibm-plex-mono/latin-400.css";
import "@/styles/globals.css";

import { QueryClientProvider } from "@tanstack/react-query";
import type { AppProps } from "next/app";
import Head from "next/head";
import { NuqsAdapter } from "nuqs/adapters/next/pages";
import { useState, type ReactElement } from "react";
import { Gate } from "@/components/shell/gate";
import { Shell } from "@/components/shell/shell";
import { queryClient } from "@/lib/query/query-client";

/** Pages that stand alone and need no session. */
const OPEN = new Set(["/sign-in", "/404", "/_error"]);

export default function App({ Component, pageProps, router }: AppProps): ReactElement {
  const [client] = useState(queryClient);
  const page = <Component {...pageProps} />;
  return (
    <QueryClientProvider client={client}>
      <NuqsAdapter>
        <Head>
          <meta name="viewport" content="width=device-width, initial-scale=1" />
        </Head>
        {OPEN.has(router.pathname) ? (
          page
        ) : (
          <Shell>
            <Gate>{page}</Gate>
          </Shell>
        )}
      </NuqsAdapter>
    </QueryClientProvider>
  );
}
