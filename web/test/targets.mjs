// The built scripts against the browsers that people have: nothing in them that Chromium 100 (109 on Windows 7) or Safari of
// iOS 15.0 cannot read, and none of the newer functions in our own sources. Run: node test/targets.mjs
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";
import { full } from "acorn-walk";

const web = fileURLToPath(new URL("..", import.meta.url));
/** Came to Safari after 15.0: 15.4 and later. */
const missing = [/\.at\(-?\d/, /Object\.hasOwn\(/, /\.findLast(Index)?\(/, /structuredClone\(/, /\.to(Sorted|Reversed|Spliced)\(/, /crypto\.randomUUID/, /Promise\.withResolvers/, /Array\.fromAsync/];

function refused(code) {
  const found = [];
  const tree = parse(code, { ecmaVersion: 2022, sourceType: "script" });
  full(tree, (node) => {
    if (node.type === "StaticBlock") found.push("static block");
    if (node.type === "Literal" && node.regex && /\(\?<[=!]/.test(node.regex.pattern)) found.push(`lookbehind ${node.raw}`);
    if (node.type === "Literal" && node.regex && /[vd]/.test(node.regex.flags)) found.push(`flags ${node.raw}`);
  });
  return found;
}

// The check itself sees what it is for.
assert.deepEqual(refused("class A { static { } }"), ["static block"]);
assert.deepEqual(refused("/(?<=a)b/.test(x)"), ["lookbehind /(?<=a)b/"]);
assert.throws(() => refused("a ||= await import('x')"));

const dist = join(web, "dist");
const scripts = readdirSync(dist).filter((name) => name.endsWith(".js"));
assert.ok(scripts.length >= 5);
// Charts and the editor are for desks; learners' pages must run everywhere.
const everywhere = /^(app|player|package|studio)-/;
for (const name of scripts) {
  const found = refused(readFileSync(join(dist, name), "utf8"));
  if (everywhere.test(name)) assert.deepEqual(found, [], name);
}

function* sources(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* sources(path);
    else if (path.endsWith(".ts") && !/(charts|editor)\.ts$/.test(path)) yield path;
  }
}
for (const path of sources(join(web, "src"))) {
  const code = readFileSync(path, "utf8");
  for (const pattern of missing) assert.ok(!pattern.test(code), `${path}: ${pattern}`);
}
console.log(`targets: ${scripts.length} scripts can be read by Chromium 100 and Safari 15`);
