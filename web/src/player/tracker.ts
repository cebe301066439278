// Reports the learning time. Reports go out one after another; without a network they wait here, joined where they
// say the same, and go out again with growing pauses. The server's answer decides what counts.
import { call, type Answer, type Problem } from "../lib/http";
import type { Note } from "./notes";
import type { Beat, Progress, Session } from "./types";

export interface TrackerEvents {
  credited(progress: Progress, from: number, to: number): void;
  refused(progress: Progress, beat: Beat): void;
  attention(progress: Progress): void;
  superseded(): void;
  problem(problem: Problem): void;
  network(online: boolean): void;
}

const retryFirst = 2_000;
const retryMost = 30_000;

export class Tracker {
  private session: Session | null = null;
  private queue: Beat[] = [];
  private seq = 0;
  private sending = false;
  private delay = retryFirst;
  private timer = 0;
  /** The last position the server knows. */
  acknowledged = 0;
  nextIn = 15;
  online = true;

  constructor(private readonly lecture: string, private readonly events: TrackerEvents) {
    window.addEventListener("online", () => this.retryNow());
  }

  get open(): boolean {
    return this.session !== null;
  }

  async start(): Promise<Session | null> {
    const answer = await call<Session>("POST", "/api/v1/learning-sessions", { lecture: this.lecture });
    if (answer.kind === "ok") {
      this.session = answer.body;
      this.seq = answer.body.next_seq;
      this.queue = [];
      this.acknowledged = answer.body.resume_at;
      this.setOnline(true);
      return answer.body;
    }
    if (answer.kind === "problem") this.events.problem(answer.problem);
    else this.setOnline(false);
    return null;
  }

  /** How far the lecture was watched, as a report that can still be sent when this page is gone. */
  note(position: number): Note | null {
    return this.session && { session: this.session.id, seq: this.seq, position };
  }

  /** Hands in what a page that is gone had not sent. The server decides; an older session than the last one is over. */
  async recover({ session, seq, position }: Note): Promise<void> {
    const body = { seq, position: Math.round(position * 1000) / 1000, playing: true, visible: true };
    await call("POST", `/api/v1/learning-sessions/${session}/progress`, body, { background: true, timeout: 5_000 });
  }

  stop(): void {
    this.session = null;
    this.queue = [];
    clearTimeout(this.timer);
  }

  report(beat: Beat): void {
    if (!this.session) return;
    const last = this.queue.at(-1);
    const same = last && last.playing === beat.playing && last.visible === beat.visible && !last.seek && !beat.seek;
    if (same) last.position = beat.position;
    else this.queue.push({ ...beat });
    void this.pump();
  }

  /** The page goes away: the last stretch is sent in a way that outlives it. */
  farewell(beat: Beat): void {
    if (!this.session || this.queue.length > 0 || this.sending) return this.report(beat);
    void this.send(this.session.id, beat, true);
  }

  async answer(id: string, answer: unknown): Promise<Answer<unknown>> {
    return call("POST", `/api/v1/learning-sessions/${this.session?.id ?? ""}/attention`, { id, answer });
  }

  private send(session: string, beat: Beat, keepalive = false): Promise<Answer<Progress>> {
    const { position, playing, visible } = beat;
    const body = { seq: this.seq++, position: Math.round(position * 1000) / 1000, playing, visible };
    const url = `/api/v1/learning-sessions/${session}/progress`;
    return call<Progress>("POST", url, body, { background: true, timeout: 10_000, keepalive });
  }

  private async pump(): Promise<void> {
    if (this.sending || !this.session) return;
    const beat = this.queue.shift();
    if (!beat) return;
    this.sending = true;
    const session = this.session.id;
    const answer = await this.send(session, beat);
    this.sending = false;
    if (this.session?.id !== session) return;
    if (answer.kind === "offline" || (answer.kind === "problem" && answer.problem.status >= 500)) return this.keep(beat);
    this.setOnline(true);
    if (answer.kind === "problem") return this.fail(answer.problem);
    this.accept(beat, answer.body);
    void this.pump();
  }

  /** Not delivered: back to the front, joined with what came after it, and tried again later. */
  private keep(beat: Beat): void {
    const next = this.queue[0];
    const same = next && next.playing === beat.playing && next.visible === beat.visible && !next.seek && !beat.seek;
    if (!same) this.queue.unshift(beat);
    this.setOnline(false);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.pump(), this.delay);
    this.delay = Math.min(this.delay * 2, retryMost);
  }

  private retryNow(): void {
    clearTimeout(this.timer);
    this.delay = retryFirst;
    if (this.queue.length > 0) void this.pump();
  }

  private fail(problem: Problem): void {
    const over = problem.status === 409 && problem.code === "superseded";
    if (over || problem.status === 401) this.stop();
    if (over) this.events.superseded();
    else this.events.problem(problem);
  }

  private accept(beat: Beat, progress: Progress): void {
    this.delay = retryFirst;
    this.nextIn = progress.next_in > 0 ? progress.next_in : 15;
    const from = this.acknowledged;
    const jumped = progress.refused.some((r) => r.reason === "jump");
    if (!jumped || beat.seek) this.acknowledged = beat.position;
    if (progress.credited > 0) this.events.credited(progress, from, beat.position);
    if (progress.refused.length > 0) this.events.refused(progress, beat);
    if (progress.attention) this.events.attention(progress);
  }

  private setOnline(online: boolean): void {
    if (this.online === online) return;
    this.online = online;
    this.events.network(online);
  }
}
