// The SVG sprite: symbols named as in Tabler, only those that are used.
import { readFile, readdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where templates and Rust code name an icon: icon("home"), empty("inbox", …), icon: "home". */
const mention = /(?:icon|empty)(?:\(|:)\s*"([a-z0-9-]+)"/g;

async function sources(folder) {
  if (!existsSync(folder)) return [];
  const all = await readdir(folder, { recursive: true });
  return all.filter((p) => /(^|\/)templates\/.*\.html$|(^|\/)src\/.*\.rs$/.test(p)).map((p) => join(folder, p));
}

async function names(web) {
  const listed = (await readFile(join(web, "icons.txt"), "utf8")).split("\n").map((l) => l.trim());
  const found = new Set(listed.filter((l) => l && !l.startsWith("#")));
  for (const root of ["../crates", "../features", "../provider", "../app"]) {
    for (const file of await sources(join(web, root))) {
      const text = await readFile(file, "utf8");
      for (const hit of text.matchAll(mention)) found.add(hit[1]);
    }
  }
  return [...found].sort();
}

function symbol(name, svg) {
  const paths = svg
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" ?\/>/, "")
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${paths}</symbol>`;
}

export async function iconSprite(web) {
  const parts = [];
  for (const name of await names(web)) {
    const file = join(web, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
    if (!existsSync(file)) throw new Error(`icon "${name}" is not a Tabler outline icon`);
    parts.push(symbol(name, await readFile(file, "utf8")));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">${parts.join("")}</svg>\n`;
}
