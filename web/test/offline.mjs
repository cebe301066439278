// The check without network: signatures made by Node and Merkle trees built here, with WebCrypto's Ed25519 and with it
// removed.
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign, webcrypto } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

globalThis.crypto ??= webcrypto;
const here = fileURLToPath(new URL("..", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "offline-"));
const bundled = async (name) => {
  const outfile = join(folder, `${name}.mjs`);
  await build({ absWorkingDir: here, entryPoints: [`src/offline/${name}.ts`], bundle: true, format: "esm", outfile, logLevel: "error" });
  return pathToFileURL(outfile).href;
};
const out = await bundled("verify");
const { fromDigits, open } = await import(await bundled("carried"));

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const key = publicKey.export({ format: "jwk" }).x;
const payload = Buffer.from("4320235823019479|1|training|2023|李䶮|female|430***********4639|学院|professional|x|30|30|60|60|90|90|2026-11-23|厅|||17:abc");
const signature = sign(null, payload, privateKey).toString("base64url");
const at = (fragment, s = signature) => `https://example.cn/verify/4320235823019479?s=${s}#${fragment}`;
const address = (bytes, s = signature) => at(bytes.toString("base64url"), s);

const sha = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const leafOf = (bytes) => sha(Buffer.from([0]), sha(bytes));
const half = (n) => { let h = 1; while (h * 2 < n) h *= 2; return h; };
const rootOf = (leaves) => leaves.length === 1 ? leaves[0]
  : sha(Buffer.from([1]), rootOf(leaves.slice(0, half(leaves.length))), rootOf(leaves.slice(half(leaves.length))));
function wayOf(leaves, place) {
  if (leaves.length === 1) return [];
  const h = half(leaves.length);
  const [left, right] = [leaves.slice(0, h), leaves.slice(h)];
  return place < h ? [...wayOf(left, place), rootOf(right)] : [...wayOf(right, place - h), rootOf(left)];
}

/** The digits of a line and its proof, as the platform writes them. */
function digits(line, proof) {
  const number = (n, size) => { const b = Buffer.alloc(size); b.writeUIntBE(n, 0, size); return b; };
  const parts = [Buffer.from([1]), number(line.length, 2), line];
  if (proof) parts.push(number(proof.no, 4), number(proof.size, 4), number(proof.place, 4), ...proof.hashes);
  const bytes = Buffer.concat(parts);
  let text = "";
  for (let n = 0; n < bytes.length; n += 7) {
    const group = bytes.subarray(n, n + 7);
    text += BigInt(`0x${group.toString("hex")}`).toString().padStart([0, 3, 5, 8, 10, 13, 15, 17][group.length], "0");
  }
  return text;
}

/** A checkpoint of so many documents with ours at a place: the proof, and what the page knows of it. */
function checkpoint(no, size, place) {
  const leaves = Array.from({ length: size }, (_, n) => leafOf(n === place ? payload : Buffer.from(`other ${n}`)));
  return { proof: { no, size, place, hashes: wayOf(leaves, place) }, published: [no, "2026-11-24", size, rootOf(leaves).toString("base64url")] };
}

async function story(name) {
  const { age, check, listed } = await import(`${out}?${name}`);
  const trust = { keys: [key], revoked: [], checkpoints: [], asOf: "2026-11-23T10:00:00+08:00" };
  const valid = await check(` ${address(payload)}\n`, trust);
  assert.deepEqual([valid.state, valid.fields[4], valid.ledger.state], ["valid", "李䶮", "absent"]);
  const forged = Buffer.from(payload.toString().replace("|60|60|", "|90|60|"));
  assert.equal((await check(address(forged), trust)).state, "altered");
  assert.equal((await check(address(payload, "A".repeat(86)), trust)).state, "altered");
  assert.equal((await check(address(payload).replace("19479?", "19478?"), trust)).state, "altered");
  assert.equal((await check("hello", trust)).state, "unreadable");
  assert.equal((await check(address(payload), { ...trust, revoked: [listed(payload)] })).state, "revoked");
  assert.equal((await check(address(payload), { ...trust, keys: [] })).state, "altered");
  assert.equal((await check(at(digits(payload)), trust)).ledger.state, "absent");
  assert.equal((await check(at(digits(forged)), trust)).state, "altered");
  assert.equal((await check(at(digits(payload).slice(0, 60)), trust)).state, "unreadable");
  assert.equal((await check(at("9".repeat(34)), trust)).state, "unreadable");
  await proofs(check, listed, trust);
  assert.equal(age(trust, Date.parse("2026-12-24T10:00:00+08:00")), 31);
}

async function proofs(check, listed, trust) {
  for (const size of [1, 2, 3, 8, 13, 700]) {
    for (const place of new Set([0, size >> 1, size - 1])) {
      const { proof, published } = checkpoint(12, size, place);
      const known = { ...trust, checkpoints: [published] };
      const text = at(digits(payload, proof));
      const proven = await check(text, known);
      assert.deepEqual([proven.state, proven.ledger], ["valid", { state: "proven", no: 12, day: "2026-11-24" }], `${place} of ${size}`);
      assert.deepEqual((await check(text, trust)).ledger, { state: "newer", no: 12 }, "an older page says so");
      assert.equal((await check(text, { ...known, revoked: [listed(payload)] })).state, "revoked");
      const elsewhere = [
        { ...proof, place: (place + 1) % (size + 1) },
        { ...proof, size: size + 1 },
        { ...proof, hashes: [...proof.hashes, sha(Buffer.from("more"))] },
        { ...proof, hashes: proof.hashes.slice(1).concat(size > 1 ? [] : [sha(Buffer.from("x"))]) },
        { ...proof, no: 11 },
      ];
      for (const wrong of elsewhere) {
        const answer = await check(at(digits(payload, wrong)), known);
        assert.deepEqual([answer.state, answer.ledger?.state], ["altered", "forged"], JSON.stringify(wrong));
      }
      const other = [12, "2026-11-24", size, sha(Buffer.from("another root")).toString("base64url")];
      assert.equal((await check(text, { ...trust, checkpoints: [other] })).ledger.state, "forged");
    }
  }
}

// The same digits as in features/certificates/src/carried.rs.
assert.deepEqual([Buffer.from(open("0004295123298").line).toString(), open("0004295123298").proof], ["ab", null]);
assert.throws(() => fromDigits("99999999999999999"), "more than 56 bits");

await story("webcrypto");
let refused = 0;
Object.defineProperty(crypto.subtle, "importKey", { value: () => { refused += 1; throw new DOMException("no Ed25519", "NotSupportedError"); } });
await story("removed");
assert.ok(refused > 0, "WebCrypto was asked and had nothing");
await rm(folder, { recursive: true });
console.log("offline: signatures and ledger proofs checked with WebCrypto and without");
