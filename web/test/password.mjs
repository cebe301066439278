// node test/password.mjs CASES.tsv: runs the password rules over a table of cases
// (JSON string, ok|reject, primary reason, all reasons) and exits 1 at the first difference.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const entry = fileURLToPath(new URL("../src/password.ts", import.meta.url));
const { outputFiles } = await build({ entryPoints: [entry], format: "esm", bundle: true, write: false });
const { check } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);

const owner = { account: "wangfang07", phone: "15475802648", idNumber: "430199198510274639" };
let count = 0;
for (const line of (await readFile(process.argv[2], "utf8")).split("\n")) {
  if (!line || line.startsWith("#")) continue;
  const [json, , , all] = line.split("\t");
  const got = check(JSON.parse(json), owner).join(",") || "-";
  count++;
  if (got === all.trim()) continue;
  console.error(`${json}: expected ${all}, got ${got}`);
  process.exitCode = 1;
}
console.log(`${count} passwords checked`);
