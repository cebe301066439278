// Handing in files in parts, so that a lost connection costs one part only; then the list shows how the work goes on.
import { one } from "./lib/dom";
import { call } from "./lib/http";

const partBytes = 4 * 1024 * 1024;
/** A part that did not arrive is sent again so often, with growing pauses. */
const tries = 6;

interface Material {
  id: string;
  file_name: string;
  state: string;
  received: number;
  size: number;
}

class UploadError extends Error {}

async function sendPart(id: string, offset: number, part: Blob): Promise<number> {
  for (let n = 0; ; n++) {
    const answer = await fetch(`/api/v1/materials/${id}/parts/${offset}`, {
      method: "PUT",
      body: part,
      credentials: "same-origin",
      headers: { "Content-Type": "application/octet-stream" },
    }).catch(() => null);
    if (answer?.ok) return ((await answer.json()) as { received: number }).received;
    if (answer?.status === 409) {
      // A part that arrived although its answer was lost.
      const problem = (await answer.json()) as { received?: number; title?: string };
      if (problem.received === offset + part.size) return problem.received;
      throw new UploadError(problem.title ?? "上传没有接上，请重新选择文件。");
    }
    if ((answer && answer.status < 500 && answer.status !== 429) || n >= tries) {
      throw new UploadError("上传没有完成，请检查网络后重试。");
    }
    await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** n));
  }
}

class Upload {
  private readonly progress: HTMLElement;
  private readonly error: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly file: HTMLInputElement;

  constructor(private readonly form: HTMLFormElement) {
    this.progress = one("[data-progress]", form)!;
    this.error = one(":scope > .field-error", form)!;
    this.button = one<HTMLButtonElement>("button[type=submit]", form)!;
    this.file = one<HTMLInputElement>("input[type=file]", form)!;
    this.file.addEventListener("change", () => this.chosen());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
  }

  private chosen(): void {
    const name = this.file.files?.[0]?.name ?? "";
    const only = one("[data-only=zip]", this.form);
    if (only) only.hidden = !name.toLowerCase().endsWith(".zip");
    const title = one<HTMLInputElement>("input[name=title]", this.form);
    if (title && !title.value) title.value = name.replace(/\.[^.]+$/, "");
  }

  private async send(): Promise<void> {
    const file = this.file.files?.[0];
    if (!file) return;
    this.button.disabled = true;
    this.error.hidden = true;
    try {
      const material = (await this.begun(file)) ?? (await this.announce(file));
      let sent = material.received;
      this.show(sent, file.size);
      while (sent < file.size) {
        sent = await sendPart(material.id, sent, file.slice(sent, Math.min(sent + partBytes, file.size)));
        this.show(sent, file.size);
      }
      location.reload();
    } catch (error) {
      this.error.textContent = error instanceof UploadError ? error.message : "上传没有完成，请重试。";
      this.error.hidden = false;
      this.button.disabled = false;
    }
  }

  private get draft(): string {
    return `/api/v1/drafts/${this.form.dataset["draft"] ?? ""}`;
  }

  /** The same file, of which a part came before the connection was lost: it goes on where that ended. */
  private async begun(file: File): Promise<Material | undefined> {
    const answer = await call<{ materials: Material[] }>("GET", this.draft);
    if (answer.kind !== "ok") return undefined;
    return answer.body.materials.find((m) => m.state === "uploading" && m.file_name === file.name && m.size === file.size);
  }

  private async announce(file: File): Promise<Material> {
    const value = (name: string) => one<HTMLInputElement>(`input[name=${name}]`, this.form)?.value ?? "";
    const isPackage = file.name.toLowerCase().endsWith(".zip");
    const body = { title: value("title"), file_name: file.name, size: file.size, minutes: isPackage ? Number(value("minutes")) || 0 : 0 };
    const answer = await call<Material>("POST", `${this.draft}/materials`, body);
    if (answer.kind === "ok") return answer.body;
    throw new UploadError(answer.kind === "problem" ? (answer.problem.errors[0]?.message ?? answer.problem.title) : "网络中断，请稍后再试。");
  }

  private show(sent: number, size: number): void {
    this.progress.hidden = false;
    const percent = Math.floor((sent / size) * 100);
    one<HTMLProgressElement>("progress", this.progress)!.value = percent;
    one("p", this.progress)!.textContent = sent < size ? `已上传 ${percent}%，请不要关闭本页。` : "已全部上传。";
  }
}

/** Subtitles and removing: on the list, which is renewed while work goes on. */
function listen(): void {
  document.addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement;
    const id = input.dataset["captions"];
    const file = input.files?.[0];
    if (!id || !file) return;
    void fetch(`/api/v1/materials/${id}/captions`, { method: "PUT", body: file, credentials: "same-origin", headers: { "Content-Type": "text/vtt" } })
      .then(async (answer) => {
        const problem = answer.ok ? null : ((await answer.json()) as { title?: string; errors?: { message: string }[] });
        alert(problem ? (problem.errors?.[0]?.message ?? problem.title ?? "字幕没有保存。") : "字幕已保存。");
      })
      .catch(() => alert("网络中断，字幕没有保存。"));
    input.value = "";
  });
  document.addEventListener("click", (event) => {
    const id = (event.target as HTMLElement).closest<HTMLElement>("[data-remove]")?.dataset["remove"];
    if (!id || !confirm("移除这一讲？")) return;
    void call("DELETE", `/api/v1/materials/${id}`).then(() => location.reload());
  });
}

const form = one<HTMLFormElement>("#upload");
if (form) new Upload(form);
listen();
