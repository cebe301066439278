// Our own controls: every function by mouse, touch and keyboard, each with a name.
import { clock, icon, make, makeSvg } from "../lib/dom";
import type { Medium } from "./pace";
import { Thumbnails } from "./thumbnails";
import type { Interval } from "./types";

/** Whether a key is the control's own that has the focus: a slider moves by arrows, everything else of it is the player's. */
function isFor(target: HTMLElement, key: string): boolean {
  if (target.matches("select")) return true;
  if (target.matches("input[type=range]")) return key.startsWith("Arrow");
  return target.matches("button, a, summary") && key === " ";
}

export interface ControlEvents {
  toggle(): void;
  /** Wants to go to a second; the player decides how far. */
  seek(to: number): void;
}

export class Controls {
  readonly bar = make("div", { class: "player-bar", role: "group", "aria-label": "播放控制" });
  private readonly play = make("button", { type: "button", class: "player-btn" });
  private readonly time = make("span", { class: "player-time" });
  private readonly range = make("input", { type: "range", min: 0, step: 1, value: 0, "aria-label": "播放位置" });
  private readonly track = makeSvg("svg", { viewBox: "0 0 1000 6", preserveAspectRatio: "none", "aria-hidden": "true" });
  private readonly mute = make("button", { type: "button", class: "player-btn", "aria-label": "静音" }, icon("volume"));
  private readonly volume = make("input", { type: "range", class: "player-volume", min: 0, max: 1, step: 0.05, value: 1, "aria-label": "音量" });
  private readonly full = make("button", { type: "button", class: "player-btn" }, icon("maximize"), make("span", { class: "long" }, "全屏"));
  private dragging = false;
  private toggleSubtitles: () => void = () => undefined;

  constructor(private readonly box: HTMLElement, private readonly video: Medium, private readonly seconds: number, private readonly events: ControlEvents) {
    this.range.max = String(Math.floor(seconds));
    this.full.setAttribute("aria-label", "全屏");
    const seek = make("div", { class: "player-seek" });
    seek.append(this.track, this.range);
    this.bar.append(seek, this.play, this.time, make("span", { class: "player-space" }));
    // Sound, speed and subtitles are a film's.
    if (video instanceof HTMLVideoElement) {
      this.bar.append(this.speeds(), this.subtitles(video), this.mute, this.volume);
      void new Thumbnails(box.dataset["thumbs"] ?? "", seek, this.range).load();
    }
    this.bar.append(this.full);
    this.listen();
    this.showPlaying(false);
    this.showTime(0);
  }

  private speeds(): HTMLSelectElement {
    const select = make("select", { "aria-label": "播放速度" });
    for (const [value, label] of [["1", "1 倍"], ["0.75", "0.75 倍"], ["0.5", "0.5 倍"]] as const) {
      select.append(make("option", { value }, label));
    }
    select.addEventListener("change", () => (this.video.playbackRate = Math.min(1, Number(select.value))));
    return select;
  }

  private subtitles(video: HTMLVideoElement): HTMLButtonElement {
    const button = make("button", { type: "button", class: "player-btn", "aria-pressed": "true" }, "字幕");
    const track = (): TextTrack | undefined => video.textTracks[0];
    // A film without subtitles has none to show.
    const element = video.querySelector("track");
    const show = (): void => void (button.hidden = !track()?.cues?.length);
    button.hidden = true;
    element?.addEventListener("load", show);
    show();
    this.toggleSubtitles = () => {
      const found = track();
      if (!found) return;
      found.mode = found.mode === "showing" ? "hidden" : "showing";
      button.setAttribute("aria-pressed", String(found.mode === "showing"));
    };
    button.addEventListener("click", () => this.toggleSubtitles());
    return button;
  }

  private listen(): void {
    this.play.addEventListener("click", () => this.events.toggle());
    this.range.addEventListener("input", () => {
      this.dragging = true;
      this.time.textContent = `${clock(Number(this.range.value))} / ${clock(this.seconds)}`;
    });
    this.range.addEventListener("change", () => {
      this.dragging = false;
      this.events.seek(Number(this.range.value));
    });
    this.volume.addEventListener("input", () => this.setVolume(Number(this.volume.value)));
    this.mute.addEventListener("click", () => (this.video.muted = !this.video.muted));
    this.video.addEventListener("volumechange", () => this.showVolume());
    this.full.addEventListener("click", () => this.toggleFull());
    document.addEventListener("fullscreenchange", () => {
      const on = document.fullscreenElement === this.box;
      this.full.replaceChildren(icon(on ? "minimize" : "maximize"), make("span", { class: "long" }, on ? "退出全屏" : "全屏"));
      this.full.setAttribute("aria-label", on ? "退出全屏" : "全屏");
    });
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  private onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const inside = this.box.contains(target);
    if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (!inside && target !== document.body && target.id !== "main") return;
    if (isFor(target, event.key)) return;
    const keys: Record<string, () => void> = {
      " ": () => this.events.toggle(),
      k: () => this.events.toggle(),
      ArrowLeft: () => this.events.seek(this.video.currentTime - 5),
      ArrowRight: () => this.events.seek(this.video.currentTime + 5),
      ArrowUp: () => this.setVolume(this.video.volume + 0.1),
      ArrowDown: () => this.setVolume(this.video.volume - 0.1),
      m: () => (this.video.muted = !this.video.muted),
      f: () => this.toggleFull(),
      c: () => this.toggleSubtitles(),
    };
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  private setVolume(value: number): void {
    this.video.volume = Math.min(1, Math.max(0, value));
    this.video.muted = false;
  }

  private showVolume(): void {
    const off = this.video.muted || this.video.volume === 0;
    this.mute.replaceChildren(icon(off ? "volume-off" : "volume"));
    this.mute.setAttribute("aria-label", off ? "取消静音" : "静音");
    this.volume.value = String(off ? 0 : this.video.volume);
  }

  private toggleFull(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (this.box.requestFullscreen) void this.box.requestFullscreen().catch(() => undefined);
  }

  showPlaying(on: boolean): void {
    const label = on ? "暂停" : "播放";
    this.play.replaceChildren(icon(on ? "player-pause" : "player-play"), label);
  }

  showTime(now: number): void {
    if (this.dragging) return;
    this.range.value = String(Math.floor(now));
    this.range.setAttribute("aria-valuetext", `${clock(now)}，共 ${clock(this.seconds)}`);
    this.time.textContent = `${clock(now)} / ${clock(this.seconds)}`;
  }

  showTrack(covered: readonly Interval[], now: number): void {
    const scale = 1000 / Math.max(1, this.seconds);
    this.track.replaceChildren(
      makeSvg("rect", { class: "seek-track", width: 1000, height: 6 }),
      ...covered.map(({ from, to }) => makeSvg("rect", { class: "seek-covered", x: from * scale, width: (to - from) * scale, height: 6 })),
      makeSvg("rect", { class: "seek-now", x: Math.max(0, now * scale - 1), width: 2, height: 6 }),
    );
  }
}
