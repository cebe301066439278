// Small pictures of a film above the seek bar, from a sprite with its list.
import { make, makeSvg } from "../lib/dom";

interface Picture {
  from: number;
  to: number;
  source: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

function seconds(text: string): number {
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

export function parse(text: string): Picture[] {
  const found: Picture[] = [];
  for (const block of text.split(/\n\s*\n/)) {
    const match = /([\d:.]+) --> ([\d:.]+)\s+(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/.exec(block);
    if (!match) continue;
    const [, from = "", to = "", source = "", x, y, width, height] = match;
    found.push({ from: seconds(from), to: seconds(to), source, x: Number(x), y: Number(y), width: Number(width), height: Number(height) });
  }
  return found;
}

export class Thumbnails {
  private pictures: Picture[] = [];
  private readonly image = makeSvg("image");
  private readonly box = makeSvg("svg", { class: "player-thumb", viewBox: "0 0 160 90", "aria-hidden": "true" }, this.image);
  private readonly holder = make("div", { class: "player-thumb-row", hidden: true });

  constructor(private readonly list: string, private readonly bar: HTMLElement, private readonly range: HTMLInputElement) {}

  async load(): Promise<void> {
    if (!this.list) return;
    const answer = await fetch(this.list, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    this.pictures = parse(await answer.text());
    const first = this.pictures[0];
    if (!first) return;
    this.image.setAttribute("href", new URL(first.source, new URL(this.list, location.href)).href);
    this.holder.append(this.box);
    this.bar.append(this.holder);
    this.bar.addEventListener("pointermove", (event) => this.show(event));
    this.bar.addEventListener("pointerleave", () => (this.holder.hidden = true));
  }

  private show(event: PointerEvent): void {
    const { left, width } = this.bar.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width));
    const at = share * Number(this.range.max);
    const picture = this.pictures.find((p) => at < p.to);
    if (!picture) return;
    this.box.setAttribute("viewBox", `${picture.x} ${picture.y} ${picture.width} ${picture.height}`);
    // The place is an attribute of an SVG, as the content policy allows no inline style.
    this.holder.hidden = false;
    this.holder.dataset["place"] = String(Math.round(share * 10));
  }
}
