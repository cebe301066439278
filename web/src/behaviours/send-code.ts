// 获取验证码: asks for an SMS code and counts the minute down on the button.
import { bindEach, one } from "../lib/dom";
import { fieldError } from "../lib/fields";
import { call, offlineText, type Problem } from "../lib/http";

function countDown(button: HTMLButtonElement, label: string, seconds: number): void {
  const until = Date.now() + seconds * 1000;
  button.disabled = true;
  const show = (): void => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left > 0) {
      button.textContent = `${left} 秒后可重发`;
      return;
    }
    clearInterval(timer);
    button.disabled = false;
    button.textContent = label;
  };
  const timer = setInterval(show, 500);
  show();
}

function explain(problem: Problem, field: HTMLElement): void {
  const [own] = problem.errors;
  const named = own ? field.closest("form")?.elements.namedItem(own.field) : null;
  fieldError(named instanceof HTMLElement ? named : field, own?.message ?? problem.title);
}

async function send(button: HTMLButtonElement, label: string): Promise<void> {
  const phone = one<HTMLInputElement>(button.dataset["phone"] ?? "");
  const beside = phone ?? button;
  fieldError(beside, null);
  const password = one<HTMLInputElement>(button.dataset["password"] ?? "");
  if (password) fieldError(password, null);
  if (phone && phone.value.trim() === "") {
    fieldError(phone, "请先填写手机号，再获取验证码。");
    phone.focus();
    return;
  }
  button.disabled = true;
  const body = {
    purpose: button.dataset["sendCode"],
    ...(phone && { phone: phone.value.trim() }),
    ...(password?.value && { current_password: password.value }),
  };
  const answer = await call<{ resend_after: number }>("POST", "/api/v1/sms-codes", body);
  if (answer.kind === "ok") {
    countDown(button, "重新获取", answer.body?.resend_after ?? 60);
    const said = one("[data-code-sent]", button.closest("form") ?? document);
    if (said) said.textContent = "验证码已发送，5 分钟内有效。未收到可在 1 分钟后重新获取。";
    one<HTMLInputElement>(button.dataset["codeField"] ?? "")?.focus();
    return;
  }
  button.disabled = false;
  if (answer.kind === "offline") return fieldError(beside, offlineText);
  explain(answer.problem, beside);
  if (answer.problem.retryAfter && answer.problem.status === 429) countDown(button, label, answer.problem.retryAfter);
}

export const sendCode = bindEach("button[data-send-code]", (element) => {
  const button = element as HTMLButtonElement;
  const label = button.textContent?.trim() || "获取验证码";
  button.addEventListener("click", (event) => {
    event.preventDefault();
    void send(button, label);
  });
});
