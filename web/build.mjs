// Builds web/dist: content-hashed bundles, the icon sprite and manifest.json.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { iconSprite } from "./build/icons.mjs";
import { slimTabler } from "./build/tabler.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "dist");
const entries = { "app.js": "src/app.ts", "player.js": "src/player.ts", "package.js": "src/package.ts", "studio.js": "src/studio.ts", "charts.js": "src/charts.ts", "papers.js": "src/papers.ts", "editor.js": "src/editor.ts", "app.css": "src/app.css" };

/** Lets `@import "tabler"` mean Tabler's style sheet without what we do not use. */
const tabler = {
  name: "tabler",
  setup(b) {
    b.onResolve({ filter: /^tabler$/ }, () => ({ path: "tabler.css", namespace: "tabler" }));
    b.onLoad({ filter: /.*/, namespace: "tabler" }, async () => {
      const path = join(here, "node_modules/@tabler/core/dist/css/tabler.css");
      return { contents: slimTabler(await readFile(path, "utf8")), loader: "css" };
    });
  },
};

async function bundle(source) {
  const result = await build({
    absWorkingDir: here,
    entryPoints: [source],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["chrome100", "safari15"],
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    plugins: [tabler],
  });
  return result.outputFiles[0].contents;
}

function hashed(name, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const dot = name.lastIndexOf(".");
  return `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
}

/** The page of the check without network: one file that can be kept and sent around. */
async function offline() {
  const page = await readFile(join(here, "src/offline/page.html"), "utf8");
  const script = Buffer.from(await bundle("src/offline/page.ts")).toString("utf8").replaceAll("</script", "<\\/script");
  return Buffer.from(page.replace("__SCRIPT__", () => script));
}

async function main() {
  const files = await Promise.all(Object.entries(entries).map(async ([name, source]) => [name, await bundle(source)]));
  files.push(["offline.html", await offline()]);
  files.push(["icons.svg", Buffer.from(await iconSprite(here))]);
  await mkdir(dist, { recursive: true });
  const manifest = {};
  for (const [name, bytes] of files.sort(([a], [b]) => (a < b ? -1 : 1))) {
    manifest[name] = hashed(name, bytes);
    await writeFile(join(dist, manifest[name]), bytes);
  }
  // The manifest changes in one step, and what it no longer names goes last: a reader never finds a gap.
  await writeFile(join(dist, "manifest.json.new"), `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(join(dist, "manifest.json.new"), join(dist, "manifest.json"));
  const wanted = new Set(["manifest.json", ...Object.values(manifest)]);
  for (const file of await readdir(dist)) if (!wanted.has(file)) await rm(join(dist, file), { recursive: true });
  for (const [name, bytes] of files) console.log(`${manifest[name].padEnd(28)} ${(bytes.length / 1024).toFixed(1).padStart(8)} KiB`);
}

await main();
