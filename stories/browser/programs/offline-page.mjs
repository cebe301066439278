// Runs the script of a downloaded offline page (first argument) on texts of QR codes, one a line on stdin, as a reader does
// who pastes them; prints what the page shows for each, one JSON object a line. Only what the page touches is played.
import { readFile } from "node:fs/promises";

const page = await readFile(process.argv[2], "utf8");
const trust = /id="trust">([\s\S]*?)<\/script>/.exec(page)?.[1];
const script = /<script>([\s\S]*)<\/script>/.exec(page)?.[1];

class Element {
  children = [];
  className = "";
  textContent = "";
  append(...more) { this.children.push(...more); }
  replaceChildren(...all) { this.children = all; this.shown?.(); }
}

const result = new Element();
const input = { value: "" };
let submitted;
const named = { trust: { textContent: trust }, result, old: new Element() };
globalThis.document = {
  getElementById: (id) => named[id] ?? null,
  createElement: () => new Element(),
  querySelector: (tag) => (tag === "form" ? { addEventListener: (_, then) => { submitted = then; } } : input),
};
new Function(script)();

let all = "";
for await (const chunk of process.stdin) all += chunk;
for (const text of all.split("\n").filter(Boolean)) {
  const shown = new Promise((resolve) => { result.shown = resolve; });
  input.value = text;
  submitted({ preventDefault() {} });
  await shown;
  const [heading, list] = result.children;
  const words = list.children.map((c) => c.textContent);
  const rows = Object.fromEntries(words.flatMap((w, n) => (n % 2 ? [] : [[w, words[n + 1]]])));
  console.log(JSON.stringify({ state: result.className, heading: heading.textContent, rows }));
}
