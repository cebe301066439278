// Every page works without this file; it makes them quicker and kinder.
import htmx from "htmx.org";
import { captcha } from "./behaviours/captcha";
import { keepDrafts } from "./behaviours/drafts";
import { watchIdle } from "./behaviours/idle";
import { pressKeys } from "./behaviours/keys";
import { listenOnce, pages } from "./behaviours/pages";
import { passkeys } from "./behaviours/passkeys";
import { passwords } from "./behaviours/password";
import { progress } from "./behaviours/progress";
import { sendCode } from "./behaviours/send-code";
import { one } from "./lib/dom";

const binders = [...passwords, ...passkeys, sendCode, captcha, progress, ...pages];

function bindAll(root: ParentNode): void {
  for (const bind of binders) bind(root);
}

/** The session's token goes with every request htmx makes to us. */
function addToken(event: Event): void {
  const context = (event as CustomEvent<{ ctx: { request: { headers: Record<string, string> } } }>).detail.ctx;
  context.request.headers["X-CSRF-Token"] = one<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** The first wrong field, or the notice of what happened, gets the focus after a full page answer. */
function focusFirstError(): void {
  const wrong = one<HTMLElement>('main [aria-invalid="true"]');
  wrong?.focus();
}

/** Menus made of <details data-menu> close with Esc and when something else is clicked. */
function closeMenus(event: Event): void {
  if (event instanceof KeyboardEvent && event.key !== "Escape") return;
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    if (event instanceof KeyboardEvent || !menu.contains(event.target as Node)) menu.open = false;
  }
}

listenOnce();
document.addEventListener("htmx:config:request", addToken);
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
document.addEventListener("keydown", pressKeys);
htmx.onLoad((element: Element) => bindAll(element));

function start(): void {
  document.documentElement.classList.add("scripted");
  bindAll(document);
  focusFirstError();
  watchIdle();
  void keepDrafts();
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
