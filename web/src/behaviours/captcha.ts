// The captcha everyone can pass: a number is looked for whose hash begins with enough zero bits. Nothing to see, to
// hear or to solve; the form can be sent when it is found.
import { bindEach, one } from "../lib/dom";

const batch = 256;

function zeroBits(hash: Uint8Array): number {
  let bits = 0;
  for (const byte of hash) {
    if (byte !== 0) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
}

async function solve(puzzle: string, bits: number): Promise<string> {
  const encoder = new TextEncoder();
  for (let first = 0; ; first += batch) {
    const tries = Array.from({ length: batch }, (_, i) => `${puzzle}:${first + i}`);
    const hashes = await Promise.all(tries.map((text) => crypto.subtle.digest("SHA-256", encoder.encode(text))));
    const found = hashes.findIndex((hash) => zeroBits(new Uint8Array(hash)) >= bits);
    if (found >= 0) return tries[found] ?? "";
  }
}

export const captcha = bindEach("[data-captcha]", (element) => {
  const form = element.closest("form");
  const answer = one<HTMLInputElement>('input[name="captcha"]', element);
  const submit = form ? one<HTMLButtonElement>('button[type="submit"]', form) : null;
  const said = one("[data-captcha-said]", element);
  if (!answer || !submit) return;
  submit.disabled = true;
  void solve(element.dataset["captcha"] ?? "", Number(element.dataset["captchaBits"])).then((solved) => {
    answer.value = solved;
    submit.disabled = false;
    if (said) said.textContent = "安全校验已完成，请重新输入密码后提交。";
  });
});
