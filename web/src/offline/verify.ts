// Checks what a certificate's QR code carries, without network: `…/verify/NO?s=SIGNATURE#PAYLOAD`. The payload is every
// printed field in one line (features/certificates/src/content.rs); the signature is Ed25519 over it.
import { hashes, verify } from "@noble/ed25519";
import { sha256, sha512 } from "@noble/hashes/sha2.js";

hashes.sha512 = sha512;

/** What the page was made with: the platform's public keys and the revoked certificates of that day. */
export interface Trust {
  keys: string[];
  revoked: string[];
  asOf: string;
}

export interface Checked {
  state: "valid" | "revoked" | "altered" | "unreadable";
  fields: string[];
}

export function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/** Ed25519 by WebCrypto where the browser has it, else in JavaScript (WeChat, older browsers). */
export async function holds(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const name = "Ed25519";
    const imported = await crypto.subtle.importKey("raw", key as BufferSource, name, false, ["verify"]);
    return await crypto.subtle.verify(name, imported, signature as BufferSource, message as BufferSource);
  } catch {
    try {
      return verify(signature, message, key);
    } catch {
      return false;
    }
  }
}

/** The number under which a revoked certificate is listed: of its payload, so that the list names nobody. */
export function listed(payload: Uint8Array): string {
  return Array.from(sha256(payload).slice(0, 16), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Checks the text of a QR code. */
export async function check(text: string, trust: Trust): Promise<Checked> {
  const found = /\/verify\/([0-9-]+)\?s=([\w-]+)#([\w-]+)/.exec(text.trim());
  if (!found) return { state: "unreadable", fields: [] };
  let payload: Uint8Array;
  let signature: Uint8Array;
  try {
    signature = fromBase64Url(found[2] ?? "");
    payload = fromBase64Url(found[3] ?? "");
  } catch {
    return { state: "unreadable", fields: [] };
  }
  const fields = new TextDecoder().decode(payload).split("|");
  const isNumber = fields[0] === (found[1] ?? "").replace(/-/g, "");
  for (const key of trust.keys) {
    if (isNumber && (await holds(fromBase64Url(key), payload, signature))) {
      return { state: trust.revoked.includes(listed(payload)) ? "revoked" : "valid", fields };
    }
  }
  return { state: "altered", fields: [] };
}
