// Copy, print, share, confirm, filter a list, drop a file. All bound by data attributes.
import { all, bindEach, one } from "../lib/dom";
import { ask } from "../lib/dialog";

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function sayOn(button: HTMLElement, text: string): void {
  const before = [...button.childNodes];
  button.replaceChildren(text);
  button.setAttribute("aria-live", "polite");
  setTimeout(() => button.replaceChildren(...before), 2000);
}

const copy = bindEach("[data-copy]", (button) => {
  button.addEventListener("click", async () => {
    const given = button.dataset["copy"] ?? "";
    const source = given.startsWith("#") ? one(given) : null;
    const text = source instanceof HTMLInputElement ? source.value : (source?.textContent?.trim() ?? given);
    sayOn(button, (await copyText(text)) ? "已复制" : "请手动选择文字复制");
  });
});

const print = bindEach("[data-print]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

const share = bindEach("[data-share]", (button) => {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const url = new URL(button.dataset["shareUrl"] ?? location.href, location.href).href;
    if (navigator.share) {
      await navigator.share({ title: button.dataset["share"] || document.title, url }).catch(() => undefined);
    } else {
      sayOn(button, (await copyText(url)) ? "链接已复制" : "请复制地址栏中的链接");
    }
  });
});

function questionOf(element: HTMLElement): Parameters<typeof ask>[0] {
  return {
    title: element.dataset["confirmTitle"] ?? "请确认",
    text: element.dataset["confirm"] ?? "",
    yes: element.dataset["confirmYes"] ?? "确认",
    danger: "confirmDanger" in element.dataset,
  };
}

/** Stops the first submit or click, asks, and repeats it when the person agrees. */
const confirmed = new WeakSet<HTMLElement>();

function onConfirm(event: Event): void {
  const target = event.target as HTMLElement;
  const element = event.type === "submit" ? target : target.closest<HTMLElement>("a[data-confirm], button[data-confirm]");
  if (!element?.dataset["confirm"]) return;
  if (confirmed.delete(element)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event instanceof SubmitEvent ? event.submitter : null;
  void ask(questionOf(element)).then((yes) => {
    if (!yes) return;
    confirmed.add(element);
    if (element instanceof HTMLFormElement) element.requestSubmit(submitter);
    else element.click();
  });
}

const filterList = bindEach("input[data-filter-list]", (element) => {
  const input = element as HTMLInputElement;
  const list = one(input.dataset["filterList"] ?? "");
  if (!list) return;
  const empty = one(`[data-filter-empty="${input.dataset["filterList"]}"]`);
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const item of all(":scope > *, :scope > tbody > tr", list)) {
      if (item.tagName === "THEAD" || item.tagName === "TBODY") continue;
      item.hidden = wanted !== "" && !(item.dataset["filter"] ?? item.textContent ?? "").toLowerCase().includes(wanted);
      if (!item.hidden) shown++;
    }
    if (empty) empty.hidden = shown > 0;
  });
});

function sizeText(bytes: number): string {
  return bytes >= 1 << 20 ? `${(bytes / (1 << 20)).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`;
}

const drop = bindEach("[data-drop]", (zone) => {
  const input = one<HTMLInputElement>('input[type="file"]', zone);
  const name = one("[data-drop-name]", zone);
  if (!input) return;
  zone.classList.add("drop-live");
  const show = (): void => {
    if (name) name.textContent = [...(input.files ?? [])].map((f) => `${f.name}（${sizeText(f.size)}）`).join("、");
  };
  input.addEventListener("change", show);
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("drop-over");
    });
  }
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("drop-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
});

/** A form goes out once: the button that sent it waits for the answer. */
function onceOnly(event: Event): void {
  if (event.defaultPrevented || !(event.target instanceof HTMLFormElement)) return;
  const form = event.target;
  if (form.dataset["sent"] === "yes") return event.preventDefault();
  if (form.method === "get" || form.method === "dialog" || "again" in form.dataset) return;
  form.dataset["sent"] = "yes";
  setTimeout(() => delete form.dataset["sent"], 8000);
}

export function listenOnce(): void {
  document.addEventListener("submit", onConfirm, true);
  document.addEventListener("click", onConfirm, true);
  document.addEventListener("submit", onceOnly);
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset["sent"]));
}

/** Lists that change the page at once, for example a year; with a button for those without script. */
const submitOnChange = bindEach("select[data-submit], input[data-submit]", (element) => {
  element.addEventListener("change", () => (element as HTMLSelectElement).form?.requestSubmit());
});

export const pages = [copy, print, share, filterList, drop, submitOnChange];
