// Live ticks under a new password, the second entry, and the eye.
import { all, bindEach, icon, one } from "../lib/dom";
import { fieldError } from "../lib/fields";
import { check, type Owner } from "../password";

/** `data-x` holds the value itself, or `#id` of the field that has it. */
function known(input: HTMLInputElement, key: string): string {
  const given = input.dataset[key] ?? "";
  return given.startsWith("#") ? (one<HTMLInputElement>(given)?.value.trim() ?? "") : given;
}

function ownerOf(input: HTMLInputElement): Owner {
  return { account: known(input, "account"), phone: known(input, "phone"), idNumber: known(input, "idNumber") };
}

function tick(input: HTMLInputElement, list: HTMLElement): void {
  const broken = new Set<string>(input.value ? check(input.value, ownerOf(input)) : []);
  for (const item of all("[data-rule]", list)) {
    const failed = (item.dataset["rule"] ?? "").split(" ").some((rule) => broken.has(rule));
    item.dataset["state"] = input.value === "" ? "none" : failed ? "bad" : "ok";
    if ("onlyBad" in item.dataset) item.hidden = !failed;
  }
  const summary = one("[data-ticks-summary]", list.parentElement ?? list);
  if (summary) summary.textContent = !input.value ? "" : broken.size ? `还有 ${broken.size} 项未满足` : "密码符合要求";
}

function bindRules(element: HTMLElement): void {
  const input = element as HTMLInputElement;
  const list = one(input.dataset["passwordRules"] || `#${input.id}-ticks`);
  if (!list) return;
  const update = (): void => tick(input, list);
  input.addEventListener("input", update);
  for (const key of ["account", "phone", "idNumber"]) {
    const source = input.dataset[key] ?? "";
    if (source.startsWith("#")) one(source)?.addEventListener("input", update);
  }
  update();
}

function bindMismatch(element: HTMLElement): void {
  const again = element as HTMLInputElement;
  const first = one<HTMLInputElement>(again.dataset["mismatchWith"] ?? "");
  if (!first) return;
  const compare = (): void => {
    const differs = again.value !== "" && again.value.normalize("NFC") !== first.value.normalize("NFC");
    const partial = document.activeElement === again && first.value.startsWith(again.value);
    fieldError(again, differs && !partial ? "两次输入的密码不一致，请重新输入。" : null);
  };
  again.addEventListener("input", compare);
  again.addEventListener("blur", compare);
  first.addEventListener("input", compare);
}

function bindEye(button: HTMLElement): void {
  const input = one<HTMLInputElement>(button.dataset["showPassword"] ?? "");
  if (!input) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.replaceChildren(icon(shown ? "eye-off" : "eye"), shown ? "隐藏" : "显示");
    input.focus();
  });
}

export const passwords = [
  bindEach("input[data-password-rules]", bindRules),
  bindEach("input[data-mismatch-with]", bindMismatch),
  bindEach("[data-show-password]", bindEye),
];
