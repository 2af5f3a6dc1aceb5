/** The hashes of `docs/LEDGER.md`, sections 6 and 10, on WebCrypto. */

import { toBase64url } from "./base64url";
import { jcs } from "./jcs";
import type { Field } from "./fields";

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

function joined(pieces: readonly Bytes[]): Bytes {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

async function sha256(...pieces: Bytes[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(pieces)));
}

/** Hex, for files: `sha256sum` prints the same. */
export async function sha256Hex(bytes: Bytes): Promise<string> {
  return [...(await sha256(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function saltKey(partSalt: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", partSalt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

export async function fieldSalt(key: CryptoKey, pointer: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(pointer))).slice(0, 16);
}

/** What proves one field to somebody who has only its digest: the form of RFC 9901. */
export function disclosure(salt: Bytes, field: Pick<Field, "pointer" | "value">): string {
  return toBase64url(utf8(jcs([toBase64url(salt), field.pointer, field.value])));
}

export async function digestOf(shown: string): Promise<Bytes> {
  return sha256(utf8(shown));
}

function byBytes(a: Bytes, b: Bytes): number {
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export async function partContent(digests: readonly Bytes[]): Promise<Bytes> {
  return sha256(utf8("audit-part/v1\0"), ...[...digests].sort(byBytes));
}

export async function contentOf(parts: readonly Bytes[]): Promise<Bytes> {
  return sha256(utf8("audit-content/v1\0"), Uint8Array.of(parts.length), ...parts);
}

export async function leafHash(entry: Bytes): Promise<Bytes> {
  return sha256(Uint8Array.of(0), entry);
}
