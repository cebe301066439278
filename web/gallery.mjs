// npm run gallery: shows gallery.html on loopback under the product's content policy, one screen at /NAME, so that
// styles and scripts can be looked at without the server. It answers just enough of the API for the player to run.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";

const port = Number(process.env.PORT ?? 4310);
const policy = "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'";
const types = { css: "text/css", js: "text/javascript", svg: "image/svg+xml", mp4: "video/mp4", m3u8: "application/vnd.apple.mpegurl", ts: "video/mp2t" };
const here = (path) => new URL(path, import.meta.url);
const lecture = { seconds: 120, covered: [[0, 42]], position: 42, beats: 0, last: Date.now() };

async function screen(name) {
  const [shell, ...parts] = (await readFile(here("gallery.html"), "utf8")).split(/<!-- screen: /);
  const screens = new Map(parts.map((p) => [p.slice(0, p.indexOf(" -->")), p.slice(p.indexOf(" -->") + 4)]));
  const list = [...screens.keys()].map((k) => `<li><a class="row-item" href="/${k}">${k}</a></li>`).join("");
  const [theme, body] = name === "" ? ["hub", `<main class="page page-narrow"><h1>Gallery</h1><ul class="card rows">${list}</ul></main>`] : [screens.get(name)?.match(/^<!-- theme: (\w+)/m)?.[1] ?? "hub", screens.get(name)];
  return body && shell.replace("THEME", theme).replace("<!-- body -->", body);
}

function api(method, url, body) {
  if (url.endsWith("/coverage")) {
    const covered = lecture.covered.reduce((n, [a, b]) => n + b - a, 0);
    return [200, { seconds: lecture.seconds, covered, complete: covered >= 117.6, intervals: lecture.covered.map(([from, to]) => ({ from, to, at: "2026-11-23T10:00:00+08:00" })) }];
  }
  if (url === "/api/v1/learning-sessions") {
    lecture.last = Date.now();
    return [201, { id: "s1", seconds: lecture.seconds, resume_at: lecture.position, next_seq: lecture.beats + 1 }];
  }
  if (url.endsWith("/progress")) return [200, beat(body)];
  if (url.endsWith("/attention")) return [200, {}];
  if (url === "/api/v1/sms-codes") return body.phone === "0" ? [422, { title: "手机号不正确。", errors: [{ field: "phone", code: "phone", message: "手机号应为 11 位数字。" }] }] : [202, { resend_after: 60, expires_in: 300 }];
  return [204, null];
}

/** The rule of learning time, short: only what is new, played, visible and no faster than the clock. */
function beat({ seq, position, playing, visible }) {
  const elapsed = (Date.now() - lecture.last) / 1000;
  const advance = position - lecture.position;
  const answer = { credited: 0, total: 0, pending: 0, refused: [], attention: null, next_in: 15 };
  const refuse = (reason, seconds) => seconds > 0 && answer.refused.push({ reason, seconds: Math.round(seconds) });
  if (!playing) refuse("paused", elapsed);
  else if (!visible) refuse("hidden", elapsed);
  else if (advance > elapsed + 2) refuse("jump", advance);
  else if (advance <= 0) refuse("replay", elapsed);
  else {
    const to = lecture.position + Math.min(advance, elapsed, 30);
    const edge = Math.max(lecture.position, lecture.covered[0][1]);
    answer.credited = Math.max(0, to - edge);
    refuse("replay", to - lecture.position - answer.credited);
    lecture.covered[0][1] = Math.max(lecture.covered[0][1], to);
    if (process.env.ATTENTION && ++lecture.beats === 2) answer.attention = { id: "a1", kind: "question", prompt: "本讲提到的学习时间是多少分钟认定 1 学时？", options: ["30 分钟", "40 分钟", "45 分钟"], due_in: 60 };
  }
  if (advance <= elapsed + 2 || position <= lecture.covered[0][1]) lecture.position = position;
  lecture.last = Date.now();
  answer.total = lecture.covered[0][1];
  return { ...answer, seq };
}

async function serve(request, response) {
  const url = new URL(request.url, "http://localhost").pathname;
  const head = { "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" };
  if (url.startsWith("/api/") || request.method === "POST") {
    let text = "";
    for await (const chunk of request) text += chunk;
    const [status, body] = api(request.method, url, url.startsWith("/api/") && text ? JSON.parse(text) : {});
    response.writeHead(status, { ...head, "Content-Type": status < 400 ? "application/json" : "application/problem+json" });
    return response.end(body ? JSON.stringify(body) : undefined);
  }
  if (/^\/(assets|media)\//.test(url)) {
    const manifest = JSON.parse(await readFile(here("dist/manifest.json"), "utf8"));
    const name = url.slice(url.lastIndexOf("/") + 1);
    const from = url.startsWith("/assets/") ? here(`dist/${manifest[name] ?? name}`) : new URL(name, `file://${process.env.MEDIA ?? "/nonexistent"}/`);
    const bytes = await readFile(from).catch(() => null);
    response.writeHead(bytes ? 200 : 404, { ...head, "Content-Type": types[name.split(".").pop()] ?? "text/plain" });
    return response.end(bytes);
  }
  const page = await screen(url.slice(1));
  response.writeHead(page ? 200 : 404, { ...head, "Content-Type": "text/html; charset=utf-8" });
  response.end(page ?? "no such screen");
}

createServer((request, response) => serve(request, response).catch((error) => response.writeHead(500).end(String(error)))).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
