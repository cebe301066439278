// The password rules. Pure, and the same as the server's: every reason that applies, in the fixed order.

export const reasons = [
  "control_char",
  "too_long",
  "too_short",
  "no_digit",
  "no_upper",
  "no_lower",
  "no_special",
  "digit_run",
  "digit_repeat",
  "contains_account",
  "common",
] as const;

export type Reason = (typeof reasons)[number];

/** What the password must not contain. Leave out what is not known on the page. */
export interface Owner {
  account?: string;
  phone?: string;
  /** The whole ID number or its end; the last six characters count. */
  idNumber?: string;
}

const common = new Set(
  (
    "p@ssw0rd p@ssword1 passw0rd! passw0rd@ password@1 password1! admin@2023 admin@2024 admin@2025 admin@12 root@2023 " +
    "test@2023 user@2023 qwer@1357 qwerty@1 qwe!@#12 1qaz@wsx 1qaz!qaz abcd@1357 huawei@12 welcome@1 changeme1! " +
    "letmein@1 iloveyou1! hunan@2023 peixun@2023"
  ).split(" "),
);

/** Inclusive ranges of code points that are invisible or steer the text. */
const control: readonly (readonly [number, number])[] = [
  [0x0000, 0x001f],
  [0x007f, 0x009f],
  [0x00ad, 0x00ad],
  [0x061c, 0x061c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
];

function codePoints(text: string): number[] {
  return Array.from(text, (c) => c.codePointAt(0) ?? 0);
}

/** Full-width ASCII to half-width, then A-Z to a-z. Nothing else changes. */
export function fold(text: string): string {
  let out = "";
  for (let point of codePoints(text)) {
    if (point >= 0xff01 && point <= 0xff5e) point -= 0xfee0;
    else if (point === 0x3000) point = 0x20;
    if (point >= 0x41 && point <= 0x5a) point += 0x20;
    out += String.fromCodePoint(point);
  }
  return out;
}

/** Three neighbouring digits, each `step` more than the one before. */
function hasDigits(folded: string, step: number): boolean {
  for (let i = 2; i < folded.length; i++) {
    const three = folded.slice(i - 2, i + 1);
    if (!/^[0-9]{3}$/.test(three)) continue;
    const [a, b, c] = [...three].map(Number) as [number, number, number];
    if (b - a === step && c - b === step) return true;
  }
  return false;
}

function containsOwner(folded: string, owner: Owner): boolean {
  const account = fold(owner.account ?? "");
  const phone = fold(owner.phone ?? "");
  const tail = fold(owner.idNumber ?? "").slice(-6);
  return (
    (codePoints(account).length >= 4 && folded.includes(account)) ||
    (phone !== "" && folded.includes(phone)) ||
    (tail.length === 6 && folded.includes(tail))
  );
}

/** Every reason against `input`; empty when it may be used. */
export function check(input: string, owner: Owner = {}): Reason[] {
  const text = input.normalize("NFC");
  const points = codePoints(text);
  const folded = fold(text);
  const applies: Record<Reason, boolean> = {
    control_char: points.some((p) => control.some(([from, to]) => p >= from && p <= to)),
    too_long: points.length > 128,
    too_short: points.length < 8,
    no_digit: !/[0-9]/.test(text),
    no_upper: !/[A-Z]/.test(text),
    no_lower: !/[a-z]/.test(text),
    no_special: !/[\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e]/.test(text),
    digit_run: hasDigits(folded, 1) || hasDigits(folded, -1),
    digit_repeat: hasDigits(folded, 0),
    contains_account: containsOwner(folded, owner),
    common: common.has(folded),
  };
  return reasons.filter((reason) => applies[reason]);
}
