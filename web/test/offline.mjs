// The check without network: against a signature made by Node, with WebCrypto's Ed25519 and with it removed.
import assert from "node:assert/strict";
import { generateKeyPairSync, sign, webcrypto } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

globalThis.crypto ??= webcrypto;
const here = fileURLToPath(new URL("..", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "offline-"));
const out = join(folder, "verify.mjs");
await build({ absWorkingDir: here, entryPoints: ["src/offline/verify.ts"], bundle: true, format: "esm", outfile: out, logLevel: "error" });

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const key = publicKey.export({ format: "jwk" }).x;
const payload = Buffer.from("4320235823019479|1|training|2023|李䶮|female|430***********4639|学院|professional|x|30|30|60|60|90|90|2026-11-23|厅||");
const signature = sign(null, payload, privateKey).toString("base64url");
const address = (bytes, s = signature) => `https://example.cn/verify/4320235823019479?s=${s}#${bytes.toString("base64url")}`;

async function story(name) {
  const { check, listed } = await import(`${pathToFileURL(out).href}?${name}`);
  const trust = { keys: [key], revoked: [], asOf: "2026-11-23" };
  const valid = await check(` ${address(payload)}\n`, trust);
  assert.deepEqual([valid.state, valid.fields[4]], ["valid", "李䶮"]);
  const forged = Buffer.from(payload.toString().replace("|60|60|", "|90|60|"));
  assert.equal((await check(address(forged), trust)).state, "altered");
  assert.equal((await check(address(payload, "A".repeat(86)), trust)).state, "altered");
  assert.equal((await check(address(payload).replace("19479?", "19478?"), trust)).state, "altered");
  assert.equal((await check("hello", trust)).state, "unreadable");
  assert.equal((await check(address(payload), { ...trust, revoked: [listed(payload)] })).state, "revoked");
  assert.equal((await check(address(payload), { ...trust, keys: [] })).state, "altered");
}

await story("webcrypto");
let refused = 0;
Object.defineProperty(crypto.subtle, "importKey", { value: () => { refused += 1; throw new DOMException("no Ed25519", "NotSupportedError"); } });
await story("removed");
assert.ok(refused > 0, "WebCrypto was asked and had nothing");
await rm(folder, { recursive: true });
console.log("offline: signatures checked with WebCrypto and without");
