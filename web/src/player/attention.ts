// "Are you there": a modal dialog (which keeps the focus) with a countdown. Answering late still lets one go on.
import { showModal } from "../lib/dialog";
import { icon, make } from "../lib/dom";
import type { Attention } from "./types";

export interface AttentionResult {
  ok: boolean;
  message?: string;
  /** After a wrong answer: the question to answer instead. */
  next?: Attention;
}

type Send = (answer: unknown) => Promise<AttentionResult>;

function choices(attention: Attention): [string, unknown][] {
  if (attention.kind === "confirm") return [["我在学习", true]];
  return (attention.options ?? []).map((option) => [option, option]);
}

/** Resolves once the server took an answer; `onOverdue` runs when the time, or the tries, are over. */
export function askAttention(first: Attention, send: Send, onOverdue: () => void): Promise<void> {
  const title = make("h2", { id: "attention-title" });
  const prompt = make("p");
  const left = make("p", { class: "muted", "aria-live": "off" });
  const error = make("p", { class: "field-error", role: "alert", hidden: true });
  const buttons = make("div", { class: "stack" });
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": "attention-title" }, title, prompt, left, buttons, error);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  let until = Date.now() + first.due_in * 1000;
  let overdue = false;
  const tick = (): void => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    if (seconds > 0) {
      left.textContent = `请在 ${seconds} 秒内回答。`;
    } else if (!overdue) {
      overdue = true;
      left.textContent = "已超过时间或答错三次，出现提问之后的时间没有计入。回答后从提问出现处继续学习。";
      onOverdue();
    }
  };
  const timer = setInterval(tick, 500);
  return new Promise((resolve) => {
    const fail = (result: AttentionResult): void => {
      error.replaceChildren(icon("alert-circle"), make("span", {}, result.message ?? "回答没有送达，请重试。"));
      error.hidden = false;
      if (result.next) show(result.next);
      buttons.querySelectorAll("button").forEach((b) => (b.disabled = false));
      buttons.querySelector("button")?.focus();
    };
    const show = (attention: Attention): void => {
      const confirms = attention.kind === "confirm";
      title.textContent = confirms ? "学习确认" : "请回答";
      prompt.textContent = attention.prompt;
      until = Math.min(until, Date.now() + attention.due_in * 1000);
      buttons.replaceChildren();
      for (const [label, answer] of choices(attention)) {
        const button = make("button", { type: "button", class: confirms ? "btn btn-primary btn-wide" : "btn btn-wide" }, label);
        button.addEventListener("click", async () => {
          buttons.querySelectorAll("button").forEach((b) => (b.disabled = true));
          const result = await send(answer);
          if (!result.ok) return fail(result);
          clearInterval(timer);
          dialog.remove();
          resolve();
        });
        buttons.append(button);
      }
      tick();
    };
    show(first);
    document.body.append(dialog);
    showModal(dialog);
    buttons.querySelector("button")?.focus();
  });
}
