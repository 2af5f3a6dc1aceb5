/**
 * Who the person is to the API. Everything that talks to the API asks a `Credential` for its
 * `Authorization` header and knows nothing else of it, so that another way to sign in is another
 * implementation of this one interface.
 */
export interface Credential {
  readonly kind: "api-key";
  /** What the interface shows for it; never the secret. */
  readonly label: string;
  /** The value of the `Authorization` header, renewed where that is needed. */
  authorization(): Promise<string>;
}

/** The form of a key, as `docs/API.md` has it. */
const API_KEY = /^aal_([a-z2-7]{16})_[A-Za-z0-9_-]{43}$/;

/** An API key that the person entered, or null if the text is none. */
export function apiKeyCredential(text: string): Credential | null {
  const key = text.trim();
  const keyId = API_KEY.exec(key)?.[1];
  if (keyId === undefined) return null;
  return {
    kind: "api-key",
    label: `Key ${keyId}`,
    authorization: () => Promise.resolve(`Bearer ${key}`),
  };
}
