// Idle time: a warning 28 minutes after the last operation, the sign-in page after 30. All tabs share one clock.
// The server decides; this only says it in time.
import { ask } from "../lib/dialog";
import { call } from "../lib/http";

const warnAfter = 28 * 60_000;
const endAfter = 30 * 60_000;
const extendEvery = 5 * 60_000;
const key = "xueshi-last-operation";

let last = Date.now();
let warning = false;

function remember(): void {
  last = Date.now();
  try {
    localStorage.setItem(key, String(last));
  } catch {
    // Private windows may refuse; then every tab counts for itself.
  }
}

function latest(): number {
  let shared = 0;
  try {
    shared = Number(localStorage.getItem(key));
  } catch {
    shared = 0;
  }
  return Math.max(last, shared <= Date.now() ? shared : 0);
}

function leave(): void {
  try {
    localStorage.removeItem(key);
    if (!document.body.dataset["drafts"]) sessionStorage.clear();
  } catch {
    // Nothing was stored.
  }
  const next = encodeURIComponent(location.pathname + location.search);
  location.assign(`/sign-in?reason=idle&next=${next}`);
}

async function extend(how: string): Promise<void> {
  const [method, url] = how.includes(" ") ? (how.split(" ", 2) as [string, string]) : ["GET", how];
  const answer = await call(method, url);
  if (answer.kind === "problem" && answer.problem.status === 401) leave();
}

function warn(how: string): void {
  warning = true;
  void ask({
    title: "即将自动退出登录",
    text: `您已 28 分钟没有操作，满 30 分钟将自动退出登录。${document.body.dataset["drafts"] ? "已填写的内容会加密留在本机，重新登录后可继续填写。" : ""}`,
    yes: "继续使用",
    no: "关闭提示",
  }).then((stay) => {
    warning = false;
    if (stay) void extend(how);
    else dismissedAt = latest();
  });
}

let dismissedAt = 0;

function look(how: string): void {
  const since = latest();
  const idle = Date.now() - since;
  if (idle >= endAfter) return leave();
  const dialog = document.querySelector<HTMLDialogElement>("dialog[open][aria-labelledby='ask-title']");
  if (warning && idle < warnAfter) dialog?.close("no");
  if (!warning && idle >= warnAfter && dismissedAt !== since) warn(how);
}

/** Typing and clicking are operations too; the server hears of them at most every five minutes. */
function onAction(how: string): void {
  const idle = Date.now() - latest();
  if (idle < extendEvery || idle >= warnAfter) return;
  last = Date.now();
  void extend(how);
}

export function watchIdle(): void {
  const how = document.body.dataset["idleExtend"];
  if (!how) return;
  remember();
  document.addEventListener("xueshi:operation", remember);
  document.addEventListener("htmx:after:request", remember);
  for (const kind of ["pointerdown", "keydown", "xueshi:act"]) document.addEventListener(kind, () => onAction(how));
  document.addEventListener("visibilitychange", () => look(how));
  setInterval(() => look(how), 5000);
}
