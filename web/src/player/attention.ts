// "Are you there": a modal dialog (which keeps the focus) with a countdown. Answering late still lets one go on.
import { icon, make } from "../lib/dom";
import type { Attention } from "./types";

export interface AttentionResult {
  ok: boolean;
  message?: string;
}

type Send = (answer: unknown) => Promise<AttentionResult>;

function choices(attention: Attention): [string, unknown][] {
  if (attention.kind === "confirm") return [["我在学习", true]];
  return (attention.options ?? []).map((option) => [option, option]);
}

/** Resolves once the server took an answer; `onOverdue` runs when the time is over. */
export function askAttention(attention: Attention, send: Send, onOverdue: () => void): Promise<void> {
  const left = make("p", { class: "muted", "aria-live": "off" });
  const error = make("p", { class: "field-error", role: "alert", hidden: true });
  const buttons = make("div", { class: "stack" });
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": "attention-title" },
    make("h2", { id: "attention-title" }, attention.kind === "confirm" ? "学习确认" : "请回答"),
    make("p", {}, attention.prompt),
    left,
    buttons,
    error,
  );
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  const until = Date.now() + attention.due_in * 1000;
  let overdue = false;
  const tick = (): void => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    if (seconds > 0) {
      left.textContent = `请在 ${seconds} 秒内回答。`;
    } else if (!overdue) {
      overdue = true;
      left.textContent = "已超过时间，出现提问之后的时间没有计入。回答后从提问出现处继续学习。";
      onOverdue();
    }
  };
  const timer = setInterval(tick, 500);
  tick();
  return new Promise((resolve) => {
    for (const [label, answer] of choices(attention)) {
      const button = make("button", { type: "button", class: attention.kind === "confirm" ? "btn btn-primary btn-wide" : "btn btn-wide" }, label);
      button.addEventListener("click", async () => {
        buttons.querySelectorAll("button").forEach((b) => (b.disabled = true));
        const result = await send(answer);
        if (result.ok) {
          clearInterval(timer);
          dialog.remove();
          return resolve();
        }
        error.replaceChildren(icon("alert-circle"), make("span", {}, result.message ?? "回答没有送达，请重试。"));
        error.hidden = false;
        buttons.querySelectorAll("button").forEach((b) => (b.disabled = false));
        button.focus();
      });
      buttons.append(button);
    }
    document.body.append(dialog);
    dialog.showModal();
    buttons.querySelector("button")?.focus();
  });
}
