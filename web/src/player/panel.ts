// The status beside the lecture: what was recognised, what was not and why.
import { clock, icon, make, makeSvg } from "../lib/dom";
import type { Interval, Refusal } from "./types";

const words: Record<string, string> = {
  paused: "暂停中不计",
  hidden: "页面不在前台",
  gap: "间隔过长，超出部分不计",
  jump: "跳过的内容不计",
  replay: "重复观看",
  superseded: "已在别处打开",
  overlap: "同时在另一机构学习",
  attention_overdue: "未及时回答提问",
};

export class Panel {
  private readonly time = make("b", {}, "00:00");
  private readonly total = make("span", { class: "muted" });
  private readonly map = makeSvg("svg", { class: "learned-map", viewBox: "0 0 1000 10", preserveAspectRatio: "none", role: "img" });
  private readonly said = make("p", { class: "small muted", role: "status" });
  private readonly done = make("p", { hidden: true, role: "status" });
  private readonly whyTitle = make("h3", { class: "section-tight", hidden: true }, "最近没有计入的时间");
  private readonly why = make("ul", { class: "learned-why" });
  private readonly way = make("p", { class: "small", hidden: true }, make("a", { href: "/me/refusals" }, "查看原因和申诉"));
  private refusals: Refusal[] = [];

  constructor(private readonly box: HTMLElement) {
    const line = make("p", { class: "learned-time" }, "已认定 ", this.time, " ", this.total);
    box.replaceChildren(make("h2", { class: "h3" }, "本讲学习情况"), line, this.map, this.done, this.said, this.whyTitle, this.why, this.way);
  }

  show(intervals: readonly Interval[], covered: number, seconds: number): void {
    this.time.textContent = clock(covered);
    this.total.textContent = `/ ${clock(seconds)}`;
    this.map.setAttribute("aria-label", `已认定 ${clock(covered)}，共 ${clock(seconds)}`);
    const scale = 1000 / Math.max(1, seconds);
    this.map.replaceChildren(
      ...intervals.map(({ from, to }) => makeSvg("rect", { x: from * scale, y: 0, width: (to - from) * scale, height: 10 })),
    );
  }

  say(text: string): void {
    if (this.said.textContent !== text) this.said.textContent = text;
  }

  /** Neighbouring refusals for one reason are one line; the newest three stay. */
  refuse(refused: readonly Refusal[]): void {
    for (const next of refused) {
      if (next.seconds < 1) continue;
      const newest = this.refusals[0];
      if (newest?.reason === next.reason) newest.seconds += next.seconds;
      else this.refusals.unshift({ ...next });
    }
    this.refusals = this.refusals.slice(0, 3);
    this.whyTitle.hidden = this.way.hidden = this.refusals.length === 0;
    this.why.replaceChildren(
      ...this.refusals.map((r) => make("li", {}, make("span", {}, words[r.reason] ?? r.reason), make("span", { class: "num" }, clock(r.seconds)))),
    );
  }

  complete(next: string | undefined, label: string | undefined): void {
    this.box.classList.add("learned-complete");
    this.done.className = "note note-done section-tight";
    const text = make("div", {}, make("strong", {}, "本讲已完成"));
    if (next) text.append(make("br"), make("a", { href: next }, label ?? "继续下一讲"));
    this.done.replaceChildren(icon("circle-check"), text);
    this.done.hidden = false;
  }
}
