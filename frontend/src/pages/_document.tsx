import { Head, Html, Main, NextScript } from "next/document";
import type { ReactElement } from "react";

export default function Document(): ReactElement {
  return (
    <Html lang="en">
      <Head>
        {/* It must run before the first paint, and the content policy allows no inline script. */}
        {/* eslint-disable-next-line @next/next/no-sync-scripts */}
        <script src="/theme.js" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <meta name="color-scheme" content="light dark" />
        <meta name="description" content="See, find and understand every decision of your AI systems." />
      </Head>
      <body>
        <Main />
        <NextScript />
      </body>
    </Html>
  );
}
