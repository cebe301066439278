// Reports the learning time. Reports go out one after another; without a network they are kept under the server's lease
// and handed in together, or, without a lease, wait here joined where they say the same. The server decides what counts.
import { call, type Answer, type Problem } from "../lib/http";
import { handIn, Lease } from "./lease";
import type { Note } from "./notes";
import type { Beat, Progress, Session } from "./types";

export interface TrackerEvents {
  credited(progress: Progress, from: number, to: number): void;
  refused(progress: Progress, beat: Beat): void;
  attention(progress: Progress): void;
  superseded(handedIn: number): void;
  problem(problem: Problem): void;
  network(online: boolean): void;
}

const retryFirst = 2_000;
const retryMost = 30_000;
/** Without a lease one late report is credited for at most 30 s: stop before more would be lost. */
const offlineMost = 27;
const superseded = "superseded";

export class Tracker {
  private session: Session | null = null;
  private queue: Beat[] = [];
  private seq = 0;
  private sending = false;
  private delay = retryFirst;
  private timer = 0;
  private readonly lease = new Lease();
  /** The last position the server knows. */
  acknowledged = 0;
  nextIn: number;
  online = true;

  /** `every`: the server wants a report at the latest after 15 s; sooner, and less is watched twice on another device. */
  constructor(private readonly lecture: string, private readonly every: number, private readonly events: TrackerEvents) {
    this.nextIn = every;
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
      this.lease.forget();
      void this.lease.renew(answer.body.id);
      this.setOnline(true);
      return answer.body;
    }
    if (answer.kind === "problem") this.events.problem(answer.problem);
    else this.setOnline(false);
    return null;
  }

  /** How far the lecture was watched, as a report that can still be sent when this page is gone. */
  note(position: number): Note | null {
    if (!this.session) return null;
    const note: Note = { session: this.session.id, seq: this.seq, position };
    const lease = this.lease.held;
    if (!lease) return note;
    const now = this.lease.late({ position, playing: true, visible: true }, this.seq);
    return { ...note, lease, beats: [...this.lease.waiting, now] };
  }

  /** Whether so much may still be learned without a network that nothing is lost. */
  hasRoom(position: number): boolean {
    return this.lease.room > 0 || position - this.acknowledged <= offlineMost;
  }

  /** Hands in what a page that is gone had not sent; the server decides. False where it could not be reached. */
  async recover({ session, seq, position, lease, beats }: Note): Promise<boolean> {
    const body = { seq, position: Math.round(position * 1000) / 1000, playing: true, visible: true };
    const url = `/api/v1/learning-sessions/${session}/progress`;
    const told = lease && beats ? handIn(session, lease, beats) : call("POST", url, body, { background: true, timeout: 5_000 });
    const answer = await told;
    return answer.kind === "ok" || (answer.kind === "problem" && answer.problem.status < 500);
  }

  stop(): void {
    this.session = null;
    this.queue = [];
    this.lease.forget();
    clearTimeout(this.timer);
  }

  report(beat: Beat): void {
    if (!this.session) return;
    if (!this.online && this.lease.room > 0) return this.lease.keep(this.lease.late(beat, this.seq++));
    const last = this.queue[this.queue.length - 1];
    const same = last && last.playing === beat.playing && last.visible === beat.visible && !last.seek && !beat.seek;
    if (same) Object.assign(last, { position: beat.position, madeAt: performance.now() });
    else this.queue.push({ ...beat, madeAt: performance.now() });
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
    if (this.lease.waiting.length > 0) return this.pumpLate(this.session.id);
    const beat = this.queue.shift();
    if (!beat) return;
    this.sending = true;
    const session = this.session.id;
    const answer = await this.send(session, beat);
    this.sending = false;
    if (this.session?.id !== session) return;
    if (answer.kind === "offline" || (answer.kind === "problem" && answer.problem.status >= 500)) return this.keep(beat);
    this.setOnline(true);
    if (answer.kind === "problem") {
      const over = answer.problem.status === 409 && answer.problem.code === superseded;
      return over ? this.handOver(session, [beat, ...this.queue]) : this.fail(answer.problem);
    }
    this.accept(beat, answer.body);
    void this.pump();
  }

  /** A newer session ended this one: what was learned before that is handed in under the lease, and counts up to then. */
  private async handOver(session: string, beats: readonly Beat[]): Promise<void> {
    const { held } = this.lease;
    const late = beats.map((b) => this.lease.late(b, this.seq++, b.madeAt));
    this.stop();
    const answer = held ? await handIn(session, held, late) : null;
    this.events.superseded(answer?.kind === "ok" ? answer.body.credited : 0);
  }

  /** Hands in what was learned without a network. */
  private async pumpLate(session: string): Promise<void> {
    const { held, waiting } = this.lease;
    if (!held) return;
    const beats = [...waiting];
    this.sending = true;
    const answer = await handIn(session, held, beats);
    this.sending = false;
    if (this.session?.id !== session) return;
    if (answer.kind === "offline" || (answer.kind === "problem" && answer.problem.status >= 500)) return this.later();
    this.lease.done(beats.length);
    this.setOnline(true);
    if (answer.kind === "problem") return this.fail(answer.problem);
    const last = beats[beats.length - 1];
    if (last) this.accept({ position: last.position_ms / 1000, playing: true, visible: true, seek: true }, answer.body);
    if (!answer.body.refused.some((r) => r.reason === superseded)) return void this.pump();
    this.stop();
    this.events.superseded(answer.body.credited);
  }

  private later(): void {
    this.setOnline(false);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.pump(), this.delay);
    this.delay = Math.min(this.delay * 2, retryMost);
  }

  /** Not delivered: kept under the lease, or back to the front, joined with what came after it, and tried again later. */
  private keep(beat: Beat): void {
    if (this.lease.room > 0) {
      for (const one of [beat, ...this.queue.splice(0)]) this.lease.keep(this.lease.late(one, this.seq++, one.madeAt));
      return this.later();
    }
    const next = this.queue[0];
    const same = next && next.playing === beat.playing && next.visible === beat.visible && !next.seek && !beat.seek;
    if (!same) this.queue.unshift(beat);
    this.later();
  }

  private retryNow(): void {
    clearTimeout(this.timer);
    this.delay = retryFirst;
    if (this.queue.length > 0 || this.lease.waiting.length > 0) void this.pump();
  }

  private fail(problem: Problem): void {
    if (problem.status === 401) this.stop();
    this.events.problem(problem);
  }

  private accept(beat: Beat, progress: Progress): void {
    this.delay = retryFirst;
    if (this.session) void this.lease.renew(this.session.id);
    this.nextIn = progress.next_in > 0 ? Math.min(progress.next_in, this.every) : this.every;
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
