import Head from "next/head";
import type { ReactElement } from "react";
import { SignIn } from "@/features/sign-in/sign-in";

export default function SignInPage(): ReactElement {
  return (
    <>
      <Head>
        <title>Sign in · AI Audit Layer</title>
      </Head>
      <SignIn />
    </>
  );
}
