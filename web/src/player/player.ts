// A lecture: video, controls, reports of learning time and the status panel.
import { clock, make, one } from "../lib/dom";
import { call, type Problem } from "../lib/http";
import { askAttention, type AttentionResult } from "./attention";
import { Controls } from "./controls";
import { add, merge, reachable, sum } from "./intervals";
import { attach } from "./media";
import { Reader } from "./document";
import { Notes } from "./notes";
import { Course } from "./package";
import type { Medium } from "./pace";
import { Panel } from "./panel";
import { Tracker } from "./tracker";
import type { Attention, Beat, Coverage, Interval, Progress } from "./types";

/** So often a note of the position is kept in the browser. */
const noteEvery = 2_000;

export class Player {
  private readonly video: Medium;
  private readonly screen = make("div", { class: "player-screen" });
  private readonly notice = make("div", { class: "player-say", role: "status", hidden: true });
  private readonly controls: Controls;
  private readonly panel: Panel;
  private readonly tracker: Tracker;
  private readonly notes: Notes;
  private notedAt = 0;
  private readonly seconds: number;
  private covered: Interval[] = [];
  private coveredSeconds = 0;
  private complete = false;
  /** The session being opened: whoever presses play meanwhile waits for it, and opens no second one. */
  private opening: Promise<boolean> | null = null;
  private asking = false;
  private everPlayed = false;
  private wasPlaying = false;
  private beatAt = 0;

  constructor(private readonly box: HTMLElement) {
    this.seconds = Number(box.dataset["seconds"]) || 0;
    const view = this.open(box);
    this.video = view.medium;
    this.controls = new Controls(box, this.video, this.seconds, { toggle: () => this.toggle(), seek: (to) => this.seek(to) });
    const panelBox = one("#learned") ?? make("section", { class: "card learned", id: "learned", "aria-label": "本讲学习情况" });
    if (!panelBox.isConnected) box.after(panelBox);
    this.panel = new Panel(panelBox);
    this.notes = new Notes(box.dataset["lecture"] ?? "");
    this.tracker = new Tracker(box.dataset["lecture"] ?? "", Number(box.dataset["reportEvery"]) || 10, {
      credited: (progress, from, to) => this.onCredited(progress, from, to),
      refused: (progress, beat) => this.onRefused(progress, beat),
      attention: (progress) => void this.onAttention(progress.attention),
      superseded: (handedIn) => this.onSuperseded(handedIn),
      problem: (problem) => this.onProblem(problem),
      network: (online) => this.onNetwork(online),
    });
    this.screen.append(view.element, this.notice);
    box.replaceChildren(this.screen, this.controls.bar);
    this.listen();
  }

  /** What is shown, by the lecture's kind, and what its time is read from. */
  private open(box: HTMLElement): { element: HTMLElement; medium: Medium } {
    const resume = (): void => void this.resume();
    if (box.dataset["kind"] === "document") {
      const pages = JSON.parse(box.dataset["pages"] ?? "[]") as number[];
      const reader = new Reader(box.dataset["base"] ?? "", pages, (to) => this.seek(to), resume);
      return { element: reader.view, medium: reader.pace };
    }
    if (box.dataset["kind"] === "package") {
      const idled = (): void => this.say("已暂停：课件里有一段时间没有操作。", "继续学习", resume);
      const course = new Course(box, this.seconds, resume, idled);
      return { element: course.view, medium: course.pace };
    }
    const video = one<HTMLVideoElement>("video", box) ?? make("video", { playsinline: true });
    video.removeAttribute("controls");
    video.addEventListener("click", () => this.toggle());
    attach(video, box.dataset["hls"] ?? "", (text) => this.say(text));
    return { element: video, medium: video };
  }

  async begin(): Promise<void> {
    this.draw();
    await this.readCoverage();
    if (!this.tracker.open) await this.openSession();
  }

  private listen(): void {
    this.video.addEventListener("play", () => this.onPlay());
    this.video.addEventListener("pause", () => this.onPause());
    this.video.addEventListener("ended", () => void this.readCoverage());
    this.video.addEventListener("timeupdate", () => this.onTime());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.onHidden();
    });
    window.addEventListener("pagehide", () => {
      if (this.wasPlaying) this.tracker.farewell(this.beat(true));
      this.wasPlaying = false;
    });
  }

  private openSession(): Promise<boolean> {
    this.opening ??= this.startSession().finally(() => (this.opening = null));
    return this.opening;
  }

  private async startSession(): Promise<boolean> {
    // What a page that crashed had not sent goes first: opening a session ends the one it belongs to.
    const left = await this.notes.read();
    if (left && (await this.tracker.recover(left))) {
      await this.notes.drop();
      void this.readCoverage();
    }
    const session = await this.tracker.start();
    if (!session) {
      if (!this.tracker.online) this.say("网络中断，暂时不能开始计时。恢复后请重试。", "重试", () => void this.openSession());
      return false;
    }
    this.hush();
    this.goTo(session.resume_at);
    this.panel.say(session.resume_at > 0 ? `从上次的 ${clock(session.resume_at)} 继续。` : "播放后开始计时。");
    return true;
  }

  private beat(playing: boolean, seek = false): Beat {
    this.beatAt = performance.now();
    const beat: Beat = { position: this.video.currentTime, playing, visible: true };
    return seek ? { ...beat, seek } : beat;
  }

  private toggle(): void {
    document.dispatchEvent(new CustomEvent("xueshi:act"));
    if (!this.video.paused) return this.video.pause();
    void this.resume();
  }

  private async resume(): Promise<void> {
    if (this.asking) return;
    if (!this.tracker.open && !(await this.openSession())) return;
    await this.video.play().catch(() => this.say("浏览器没有开始播放，请再点一次播放。"));
  }

  private onPlay(): void {
    // Only our own buttons start the video; whatever else does has no session to report to.
    if (!this.tracker.open || this.asking) return this.video.pause();
    this.hush();
    if (this.everPlayed) this.tracker.report(this.beat(false));
    else this.tracker.report({ ...this.beat(false), seek: true });
    this.everPlayed = true;
    this.wasPlaying = true;
    this.controls.showPlaying(true);
    this.panel.say("正在计时。");
  }

  private onPause(): void {
    this.controls.showPlaying(false);
    if (!this.wasPlaying) return;
    this.wasPlaying = false;
    this.tracker.report(this.beat(true));
    if (!this.asking) this.panel.say("已暂停，暂停中不计时。");
  }

  private onHidden(): void {
    if (this.video.paused) return;
    this.video.pause();
    this.say("已暂停：页面不在前台时不计时间。", "继续播放", () => void this.resume());
  }

  private onTime(): void {
    const now = this.video.currentTime;
    this.controls.showTime(now);
    this.controls.showTrack(this.covered, now);
    if (!this.wasPlaying) return;
    this.keepNote(now);
    if (performance.now() - this.beatAt >= this.tracker.nextIn * 1000) this.tracker.report(this.beat(true));
    if (!this.tracker.online && !this.tracker.hasRoom(now)) {
      this.video.pause();
      this.say("网络中断，已保存在本机，恢复后补交。为免重复学习，播放已暂停。");
    }
  }

  private keepNote(position: number): void {
    const note = performance.now() - this.notedAt >= noteEvery ? this.tracker.note(position) : null;
    if (!note) return;
    this.notedAt = performance.now();
    void this.notes.write(note);
  }

  private seek(wanted: number): void {
    document.dispatchEvent(new CustomEvent("xueshi:act"));
    const now = this.video.currentTime;
    const to = Math.min(reachable(this.covered, now, wanted), this.seconds);
    if (wanted > to + 1) this.panel.say("没有学过的内容不能跳过，已停在可以到达的位置。");
    if (Math.abs(to - now) < 0.2) return this.controls.showTime(now);
    if (this.wasPlaying) this.tracker.report(this.beat(true));
    this.video.currentTime = to;
    const { playing, visible } = { playing: this.wasPlaying, visible: true };
    this.beatAt = performance.now();
    this.tracker.report({ position: to, playing, visible, seek: true });
    this.draw();
  }

  private goTo(position: number): void {
    const set = (): void => {
      this.video.currentTime = Math.min(position, Math.max(0, this.seconds - 0.5));
      this.draw();
    };
    if (this.video.readyState > 0) set();
    else this.video.addEventListener("loadedmetadata", set, { once: true });
  }

  private onCredited(progress: Progress, from: number, to: number): void {
    this.coveredSeconds += progress.credited;
    if (to > from) this.covered = add(this.covered, from, to);
    if (progress.pending > 0) this.panel.say("回答提问后计入刚才的时间。");
    this.draw();
    const isEnd = !this.complete && this.coveredSeconds >= this.seconds * 0.98;
    // More is credited than this page knows of: another device has handed in what was learned there.
    if (isEnd || progress.total > this.coveredSeconds + 1) void this.readCoverage();
  }

  private onRefused(progress: Progress, beat: Beat): void {
    if (!beat.seek) this.panel.refuse(progress.refused);
    if (beat.seek || !progress.refused.some((r) => r.reason === "jump")) return;
    // The server stands elsewhere than we do: go back to where it stands, so that nothing more is lost.
    this.wasPlaying = false;
    this.video.pause();
    this.tracker.stop();
    void this.openSession().then((opened) => {
      if (opened) this.say("刚才一段没有认定，已回到认定到的位置。", "继续播放", () => void this.resume());
    });
  }

  private async onAttention(attention: Attention | null): Promise<void> {
    if (!attention || this.asking) return;
    const appearedAt = this.video.currentTime;
    const played = this.wasPlaying;
    this.asking = true;
    this.video.pause();
    if (document.fullscreenElement) await document.exitFullscreen().catch(() => undefined);
    const send = async (answer: unknown): Promise<AttentionResult> => {
      const result = await this.tracker.answer(attention.id, answer);
      if (result.kind === "ok") return { ok: true };
      if (result.kind === "offline") return { ok: false, message: "网络中断，请稍后再试。" };
      const { title, errors, document } = result.problem;
      const next = document["attention"] as Attention | undefined;
      return { ok: false, message: errors[0]?.message ?? title, ...(next ? { next } : {}) };
    };
    await askAttention(attention, send, () => this.goTo(appearedAt));
    this.asking = false;
    if (played) void this.resume();
  }

  private onSuperseded(handedIn: number): void {
    this.wasPlaying = false;
    this.video.pause();
    const kept = handedIn >= 1 ? `此前学习的 ${Math.floor(handedIn)} 秒已计入。` : "已计入的时间不受影响。";
    this.say(`您已在其他页面或设备开始学习，这里已停止计时。${kept}`, "在这里继续", () => void this.continueHere());
    void this.readCoverage();
  }

  private async continueHere(): Promise<void> {
    if (await this.openSession()) await this.resume();
  }

  private onProblem(problem: Problem): void {
    this.wasPlaying = false;
    this.video.pause();
    if (problem.status === 401) this.say("登录已超时，已认定的时间不受影响。请重新登录。", "重新登录", () => location.assign("/sign-in?reason=idle"));
    else this.say(problem.title, "重试", () => void this.openSession());
  }

  private onNetwork(online: boolean): void {
    this.panel.say(online ? "网络已恢复，保存的时间已补交。" : "网络中断，已保存在本机，恢复后补交。");
    if (online && this.video.paused && this.everPlayed) this.say("网络已恢复。", "继续播放", () => void this.resume());
  }

  private async readCoverage(): Promise<void> {
    const lecture = encodeURIComponent(this.box.dataset["lecture"] ?? "");
    const answer = await call<Coverage>("GET", `/api/v1/lectures/${lecture}/coverage`, undefined, { background: true });
    if (answer.kind !== "ok") return;
    this.covered = merge(answer.body.intervals);
    this.coveredSeconds = Math.max(answer.body.covered, Math.min(sum(this.covered), answer.body.seconds));
    this.draw();
    if (!answer.body.complete || this.complete) return;
    this.complete = true;
    this.panel.complete(this.box.dataset["next"], this.box.dataset["nextLabel"]);
  }

  private draw(): void {
    this.panel.show(this.covered, Math.min(this.coveredSeconds, this.seconds), this.seconds);
    this.controls.showTrack(this.covered, this.video.currentTime);
    this.controls.showTime(this.video.currentTime);
  }

  private say(text: string, label?: string, act?: () => void): void {
    this.notice.replaceChildren(make("span", {}, text));
    if (label && act) {
      const button = make("button", { type: "button", class: "btn btn-small" }, label);
      button.addEventListener("click", (event) => {
        event.stopPropagation();
        this.hush();
        act();
      });
      this.notice.append(button);
    }
    this.notice.hidden = false;
  }

  private hush(): void {
    this.notice.hidden = true;
  }
}
