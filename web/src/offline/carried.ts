// What a QR code carries behind `#` (features/certificates/src/carried.rs): in digits the signed line and its ledger proof,
// or, in codes printed before there were proofs, the line alone in base64url.

/** A Merkle proof that a published checkpoint holds the certificate. */
export interface Proof {
  checkpoint: number;
  size: number;
  place: number;
  hashes: Uint8Array[];
}

export interface Carried {
  line: Uint8Array;
  /** None in a print from before the next daily checkpoint. */
  proof: Proof | null;
}

/** So many digits are a group of bytes, by the number of bytes. */
const DIGITS = [0, 3, 5, 8, 10, 13, 15, 17];
const BYTES = 7;
const FORM = 1;

export function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/** The bytes of a text of digits; throws where it is none. */
export function fromDigits(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += DIGITS[BYTES] ?? 1) {
    const group = text.slice(at, at + (DIGITS[BYTES] ?? 1));
    const length = DIGITS.indexOf(group.length);
    let number = BigInt(group);
    const part: number[] = [];
    for (let n = 0; n < length; n++) {
      part.unshift(Number(number & 255n));
      number >>= 8n;
    }
    if (length < 1 || number > 0n) throw new RangeError("no bytes");
    bytes.push(...part);
  }
  return Uint8Array.from(bytes);
}

/** Takes apart what stands behind `#`; throws where it does not read. */
export function open(text: string): Carried {
  if (!/^\d+$/.test(text)) return { line: fromBase64Url(text), proof: null };
  const bytes = fromDigits(text);
  const view = new DataView(bytes.buffer);
  if (view.getUint8(0) !== FORM) throw new RangeError("another form");
  const end = 3 + view.getUint16(1);
  if (end > bytes.length) throw new RangeError("cut off");
  const line = bytes.slice(3, end);
  if (end === bytes.length) return { line, proof: null };
  const hashes: Uint8Array[] = [];
  for (let at = end + 12; at < bytes.length; at += 32) hashes.push(bytes.slice(at, at + 32));
  if (hashes.some((h) => h.length !== 32)) throw new RangeError("cut off");
  const [checkpoint, size, place] = [view.getUint32(end), view.getUint32(end + 4), view.getUint32(end + 8)];
  return { line, proof: { checkpoint, size, place, hashes } };
}
