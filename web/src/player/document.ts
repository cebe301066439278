// A document: one page at a time as a picture, with its text for screen readers. Each page has its reading time; when it
// is over, time stands still until the page is turned.
import { icon, make } from "../lib/dom";
import { Pace } from "./pace";

export class Reader {
  readonly pace: Pace;
  readonly view = make("div", { class: "reader" });
  private readonly image = make("img", { class: "reader-page", alt: "" });
  private readonly text = make("div", { class: "reader-text" });
  private readonly where = make("span", { class: "player-time" });
  private readonly said = make("span", { class: "reader-said", role: "status" });
  private readonly back = make("button", { type: "button", class: "btn btn-small" }, icon("chevron-left"), "上一页");
  private readonly next = make("button", { type: "button", class: "btn btn-small" }, "下一页", icon("chevron-right"));
  private readonly ends: number[];
  private page = 0;
  private shown = -1;

  constructor(private readonly base: string, pages: readonly number[], private readonly go: (to: number) => void, private readonly resume: () => void) {
    let end = 0;
    this.ends = pages.map((seconds) => (end += seconds));
    this.pace = new Pace(end);
    const bar = make("div", { class: "reader-bar" }, this.back, this.where, this.next, this.said);
    const details = make("details", { class: "reader-words" }, make("summary", {}, "文字版"), this.text);
    this.view.append(this.image, bar, details);
    this.back.addEventListener("click", () => this.turn(-1));
    this.next.addEventListener("click", () => this.turn(1));
    this.pace.addEventListener("timeupdate", () => this.follow());
    this.pace.addEventListener("held", () => this.follow());
    this.follow();
  }

  private start(page: number): number {
    return page > 0 ? (this.ends[page - 1] ?? 0) : 0;
  }

  private end(page: number): number {
    return this.ends[page] ?? this.pace.duration;
  }

  private turn(by: number): void {
    const page = Math.min(Math.max(0, this.page + by), this.ends.length - 1);
    if (page === this.page) return;
    const to = this.start(page);
    if (by > 0 && this.pace.currentTime >= to - 0.3) {
      // The page was read: the next one begins where it ended.
      this.page = page;
      this.pace.limit = this.end(page);
      this.resume();
    } else {
      this.go(to);
    }
    this.follow();
  }

  /** The page follows the time, whoever moved it; at the edge of two it stays where it was. */
  private follow(): void {
    const now = this.pace.currentTime;
    if (now < this.start(this.page) - 0.01 || now > this.end(this.page) + 0.01) {
      const found = this.ends.findIndex((end) => now < end - 0.01);
      this.page = found < 0 ? this.ends.length - 1 : found;
    }
    this.pace.limit = this.end(this.page);
    this.draw(now);
  }

  private draw(now: number): void {
    const left = Math.ceil(this.end(this.page) - now);
    const last = this.page === this.ends.length - 1;
    this.said.textContent = left > 0 ? `本页还需 ${left} 秒` : last ? "已读到最后一页" : "本页已读完，请翻到下一页";
    if (this.shown === this.page) return;
    this.shown = this.page;
    const name = `${this.base}page-${String(this.page + 1).padStart(3, "0")}`;
    this.where.textContent = `${this.page + 1} / ${this.ends.length} 页`;
    this.image.src = `${name}.jpg`;
    this.image.alt = `第 ${this.page + 1} 页，内容见“文字版”`;
    this.back.disabled = this.page === 0;
    this.next.disabled = last;
    const page = this.page;
    void fetch(`${name}.txt`, { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((text) => {
        if (page === this.page) this.text.replaceChildren(...text.split(/\n\s*\n/).map((p) => make("p", {}, p)));
      })
      .catch(() => undefined);
  }
}
