// One way to ask: a native <dialog>, which keeps the focus inside and closes with Esc.
import { make } from "./dom";

export interface Question {
  title: string;
  text: string;
  yes: string;
  no?: string;
  danger?: boolean;
}

export function ask(question: Question): Promise<boolean> {
  const yes = make("button", { type: "submit", value: "yes", class: question.danger ? "btn btn-danger" : "btn btn-primary" }, question.yes);
  const no = make("button", { type: "submit", value: "no", class: "btn" }, question.no ?? "取消");
  const form = make("form", { method: "dialog" },
    make("h2", { id: "ask-title" }, question.title),
    make("p", { id: "ask-text" }, question.text),
    make("div", { class: "actions" }, no, yes),
  );
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": "ask-title", "aria-describedby": "ask-text" }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    showModal(dialog);
    (question.danger ? no : yes).focus();
  });
}

/** Opens a dialog above everything; where the browser knows no dialogs (Safari before 15.4), in its place on the page. */
export function showModal(dialog: HTMLDialogElement): void {
  if (typeof dialog.showModal === "function") return dialog.showModal();
  dialog.setAttribute("open", "");
  dialog.classList.add("dialog-plain");
}
