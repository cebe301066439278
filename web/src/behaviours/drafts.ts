// What was typed into a form and not sent survives a sign-out: it is kept sealed in the browser and filled in again when
// its person comes back to the page. Passwords, codes and files are never kept.
import { all, make, one } from "../lib/dom";
import { SealedStore } from "../lib/sealed";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

interface Draft {
  /** Values in the order of the form's fields. */
  fields: { name: string; value: string; checked: boolean }[];
  at: number;
}

const waitMs = 600;
const keptMs = 14 * 86_400_000;
const most = 64 * 1024;
/** Set on the sign-in page after a session ended by itself: what was sent meanwhile did not arrive. */
const unsent = "xueshi-unsent";
/** The parameters of an address that say what a form is for. Where they are a list's filter, the form says it: data-draft-of. */
const deciding = ["year", "item", "person"];
const never = new Set(["password", "hidden", "file", "submit", "button", "image", "reset"]);

const kept = new SealedStore("/api/v1/me/draft-key");

function fieldsOf(form: HTMLFormElement): Field[] {
  const fields = all<Field>("input[name], textarea[name], select[name]", form);
  return fields.filter((f) => !never.has(f.type) && f.autocomplete !== "one-time-code");
}

/** What a draft belongs to: the paths of page and form, and what the form is for. */
function topicOf(form: HTMLFormElement, at: number): string {
  const action = new URL(form.action, location.href);
  return `draft:${location.pathname}:${action.pathname}:${form.dataset["draftOf"] ?? decidingOf(action)}:${at}`;
}

/** The form's own action comes first: the page's address may leave out a year that is this one. */
function decidingOf(action: URL): string {
  const page = new URLSearchParams(location.search);
  const found = new URLSearchParams();
  for (const name of deciding) {
    const value = action.searchParams.get(name) ?? page.get(name);
    if (value) found.set(name, value);
  }
  return found.toString();
}

function read(form: HTMLFormElement): Draft {
  const fields = fieldsOf(form).map((f) => ({ name: f.name, value: f.value, checked: f instanceof HTMLInputElement && f.checked }));
  return { fields, at: Date.now() };
}

function isFresh(draft: Draft): boolean {
  return Date.now() - draft.at < keptMs;
}

/** Fills in what differs from the page; says whether anything did. */
function fill(form: HTMLFormElement, draft: Draft): boolean {
  let changed = false;
  fieldsOf(form).forEach((field, i) => {
    const was = draft.fields[i];
    if (was?.name !== field.name) return;
    const ticks = field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
    if (ticks ? field.checked === was.checked : field.value === was.value) return;
    if (ticks) field.checked = was.checked;
    else field.value = was.value;
    changed = true;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
    field.dispatchEvent(new CustomEvent("xueshi:filled", { bubbles: true }));
  });
  return changed;
}

function say(form: HTMLFormElement, draft: Draft, topic: string, before: Draft): void {
  const time = new Date(draft.at).toLocaleString("zh-CN", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const undo = make("button", { type: "button", class: "btn btn-small" }, "清除");
  const note = make("div", { class: "note note-warning draft-note", role: "status" }, make("div", {}, `已恢复您 ${time} 填写、尚未提交的内容。`, undo));
  undo.addEventListener("click", () => {
    fill(form, before);
    note.remove();
    void kept.drop(topic);
  });
  form.before(note);
}

async function restore(form: HTMLFormElement, topic: string): Promise<void> {
  const draft = await kept.get<Draft>(topic);
  if (!draft || form.dataset["touched"]) return;
  const before = read(form);
  if (isFresh(draft) && fill(form, draft)) say(form, draft, topic, before);
  else await kept.drop(topic);
}

/** Keeps what is typed, from the first letter on: what comes before the store is ready waits for it. */
function watch(form: HTMLFormElement, topic: string, ready: Promise<boolean>): void {
  let timer = 0;
  const keep = async (): Promise<void> => {
    if (!(await ready)) return;
    const draft = read(form);
    if (JSON.stringify(draft).length <= most) await kept.put(topic, draft);
  };
  form.addEventListener("input", (event) => {
    if (event.isTrusted) form.dataset["touched"] = "yes";
    clearTimeout(timer);
    timer = window.setTimeout(() => void keep(), waitMs);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    remember(topic);
  });
}

/** The forms just sent: their drafts go when the next page shows that the person is still signed in. */
function remember(topic: string): void {
  try {
    sessionStorage.setItem("xueshi-sent", topic);
  } catch {
    // Then the draft is offered once more.
  }
}

async function forgetSent(): Promise<void> {
  let topic: string | null = null;
  let lost = false;
  try {
    topic = sessionStorage.getItem("xueshi-sent");
    lost = localStorage.getItem(unsent) !== null;
    sessionStorage.removeItem("xueshi-sent");
    localStorage.removeItem(unsent);
  } catch {
    return;
  }
  if (topic && !lost) await kept.drop(topic);
}

function noteLoss(): void {
  const reason = new URLSearchParams(location.search).get("reason") ?? "";
  if (location.pathname !== "/sign-in" || !/^(idle|session_expired|session_ended)$/.test(reason)) return;
  try {
    localStorage.setItem(unsent, "yes");
  } catch {
    // Then a form that was sent into the void is not offered again.
  }
}

export async function keepDrafts(): Promise<void> {
  noteLoss();
  if (!document.body.dataset["drafts"]) return;
  const forms = all<HTMLFormElement>("main form").filter((f) => f.method === "post" && !("noDraft" in f.dataset) && fieldsOf(f).length > 0);
  const sent = one("main") && (forms.length > 0 || hasSent());
  if (!sent) return;
  const ready = open();
  const seen = new Map<string, number>();
  const topics = forms.map((form) => {
    const at = seen.get(form.action) ?? 0;
    seen.set(form.action, at + 1);
    const topic = topicOf(form, at);
    watch(form, topic, ready);
    return { form, topic };
  });
  if (!(await ready)) return;
  for (const { form, topic } of topics) await restore(form, topic);
}

/** Makes the store ready, without what was sent before. */
async function open(): Promise<boolean> {
  if (!(await kept.open())) return false;
  await forgetSent();
  return true;
}

function hasSent(): boolean {
  try {
    return sessionStorage.getItem("xueshi-sent") !== null;
  } catch {
    return false;
  }
}
