// Checks what a certificate's QR code carries, without network: `…/verify/NO?s=SIGNATURE#CARRIED`. The line is every
// printed field (features/certificates/src/content.rs); the signature is Ed25519 over it.
import { hashes, verify } from "@noble/ed25519";
import { sha256, sha512 } from "@noble/hashes/sha2.js";

import { fromBase64Url, open, type Carried } from "./carried";
import { held, type Checkpoint, type Ledger } from "./ledger";

hashes.sha512 = sha512;

/** What the page was made with: the platform's public keys, and the revoked certificates and checkpoints of that day. */
export interface Trust {
  keys: string[];
  revoked: string[];
  checkpoints: Checkpoint[];
  asOf: string;
}

export interface Checked {
  state: "valid" | "revoked" | "altered" | "unreadable";
  fields: string[];
  /** What the ledger proof came to, where the signature holds. */
  ledger?: Ledger;
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

/** The number under which a revoked certificate is listed: of its line, so that the list names nobody. */
export function listed(line: Uint8Array): string {
  return Array.from(sha256(line).slice(0, 16), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Whole days since the page was made, after which revocations and checkpoints are missing in it. */
export function age(trust: Trust, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(trust.asOf)) / 86_400_000));
}

/** Checks the text of a QR code. */
export async function check(text: string, trust: Trust): Promise<Checked> {
  const found = /\/verify\/([0-9-]+)\?s=([\w-]+)#([\w-]+)/.exec(text.trim());
  if (!found) return { state: "unreadable", fields: [] };
  let carried: Carried;
  let signature: Uint8Array;
  try {
    signature = fromBase64Url(found[2] ?? "");
    carried = open(found[3] ?? "");
  } catch {
    return { state: "unreadable", fields: [] };
  }
  const { line, proof } = carried;
  const fields = new TextDecoder().decode(line).split("|");
  const isNumber = fields[0] === (found[1] ?? "").replace(/-/g, "");
  for (const key of trust.keys) {
    if (isNumber && (await holds(fromBase64Url(key), line, signature))) {
      const ledger = held(line, proof, trust.checkpoints);
      // Nothing that was issued carries a proof that leads elsewhere.
      if (ledger.state === "forged") return { state: "altered", fields: [], ledger };
      return { state: trust.revoked.includes(listed(line)) ? "revoked" : "valid", fields, ledger };
    }
  }
  return { state: "altered", fields: [] };
}
