// The ledger proof of a certificate: the way from its hash to a Merkle root (RFC 6962) that a published checkpoint signed.
import { sha256 } from "@noble/hashes/sha2.js";

import type { Proof } from "./carried";

/** A published checkpoint: its number, its day, how many documents it holds, and the root over them in base64url. */
export type Checkpoint = [no: number, day: string, size: number, root: string];

export type Ledger =
  /** The code carries no proof: it was printed before the next daily checkpoint. */
  | { state: "absent" }
  /** The checkpoint was made after this page. */
  | { state: "newer"; no: number }
  /** A published checkpoint holds the certificate. */
  | { state: "proven"; no: number; day: string }
  /** The way leads elsewhere. */
  | { state: "forged" };

function hash(...parts: (Uint8Array | number[])[]): Uint8Array {
  return sha256(Uint8Array.from(parts.flatMap((part) => Array.from(part))));
}

/** The root that a leaf leads to; `null` where the way has a wrong length. */
function climb(leaf: Uint8Array, place: number, size: number, way: Uint8Array[]): Uint8Array | null {
  if (size === 1) return way.length === 0 && place === 0 ? leaf : null;
  const beside = way[way.length - 1];
  if (!beside || place >= size) return null;
  let half = 1;
  while (half * 2 < size) half *= 2;
  const below = way.slice(0, -1);
  const own = place < half ? climb(leaf, place, half, below) : climb(leaf, place - half, size - half, below);
  if (!own) return null;
  return place < half ? hash([1], own, beside) : hash([1], beside, own);
}

function same(bytes: Uint8Array, base64url: string): boolean {
  const text = btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  return text === base64url;
}

/** Holds a proof against the published checkpoints. */
export function held(line: Uint8Array, proof: Proof | null, published: Checkpoint[]): Ledger {
  if (!proof) return { state: "absent" };
  const checkpoint = published.find(([no]) => no === proof.checkpoint);
  if (!checkpoint) {
    const last = Math.max(0, ...published.map(([no]) => no));
    return proof.checkpoint > last ? { state: "newer", no: proof.checkpoint } : { state: "forged" };
  }
  const [no, day, size, root] = checkpoint;
  const found = size === proof.size ? climb(hash([0], sha256(line)), proof.place, size, proof.hashes) : null;
  return found && same(found, root) ? { state: "proven", no, day } : { state: "forged" };
}
