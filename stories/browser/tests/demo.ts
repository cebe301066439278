// Starts a demo of its own for the run and stops it afterwards.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
export const binary = process.env.XUESHI_BIN ?? join(root, "target/debug/xueshi");

/** A port with three free ones after it. */
async function freePort(): Promise<number> {
  const free = (port: number) =>
    new Promise<boolean>((resolve) => {
      const server = createServer().once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
  for (let port = 18_400; port < 19_400; port += 4) {
    if ((await Promise.all([0, 1, 2, 3].map((n) => free(port + n)))).every(Boolean)) return port;
  }
  throw new Error("no four free ports");
}

export default async function start() {
  const data = mkdtempSync(join(tmpdir(), "xueshi-demo-"));
  const port = await freePort();
  const demo = spawn(binary, ["demo", "--data", data, "--port", String(port), "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve, reject) => {
    let text = "";
    demo.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) resolve(text.split("\n")[0]!);
    });
    demo.once("exit", (code) => reject(new Error(`the demo ended with ${code}`)));
  });
  process.env.DEMO = line;
  process.env.DEMO_DATA = data;
  return async () => {
    const ended = new Promise((resolve) => demo.once("exit", resolve));
    demo.kill("SIGTERM");
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
}
