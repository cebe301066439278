// Learning without a network: under a lease of the server, reports are kept with the time since it was issued, signed,
// and handed in together when the network is back. The server credits at most the lease, and never more than the clock.
import { call, type Answer } from "../lib/http";
import type { Beat, OfflineBeat, Progress } from "./types";

export interface Issued {
  lease: string;
  key: string;
  seconds: number;
}

/** A new lease is asked for when the old one is so old, in milliseconds. */
const renewAfter = 120_000;
/** Nothing is begun in the last seconds of a lease. */
const margin = 5;

/** What a batch is signed over: the server writes the same text. */
export function signedText(lease: string, beats: readonly OfflineBeat[]): string {
  return [lease, ...beats.map((b) => `${b.after_ms} ${b.seq} ${b.position_ms} ${b.playing ? 1 : 0} ${b.visible ? 1 : 0}`)].join("\n");
}

async function sign(issued: Issued, beats: readonly OfflineBeat[]): Promise<string> {
  const text = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", text.encode(issued.key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, text.encode(signedText(issued.lease, beats)));
  return [...new Uint8Array(mac)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

export async function handIn(session: string, issued: Issued, beats: readonly OfflineBeat[]): Promise<Answer<Progress>> {
  const body = { lease: issued.lease, beats, signature: await sign(issued, beats) };
  return call<Progress>("POST", `/api/v1/learning-sessions/${session}/offline`, body, { background: true, timeout: 15_000 });
}

export class Lease {
  private issued: Issued | null = null;
  private at = 0;
  private asking = false;
  private beats: OfflineBeat[] = [];

  /** Asks for a lease where there is none, or an old one; without a safe origin nothing can be signed. */
  async renew(session: string): Promise<void> {
    if (this.asking || this.beats.length > 0 || !globalThis.crypto?.subtle) return;
    if (this.issued && performance.now() - this.at < renewAfter) return;
    this.asking = true;
    const asked = performance.now();
    const answer = await call<Issued>("POST", `/api/v1/learning-sessions/${session}/lease`, undefined, { background: true, timeout: 10_000 });
    this.asking = false;
    if (answer.kind !== "ok" || this.beats.length > 0) return;
    this.issued = answer.body;
    this.at = asked;
  }

  /** For how many seconds the lease still vouches. */
  get room(): number {
    return this.issued ? this.issued.seconds - margin - (performance.now() - this.at) / 1000 : 0;
  }

  get waiting(): readonly OfflineBeat[] {
    return this.beats;
  }

  get held(): Issued | null {
    return this.issued;
  }

  /** A report as it goes into a batch. */
  late(beat: Beat, seq: number, madeAt = performance.now()): OfflineBeat {
    const whole = (n: number): number => Math.max(0, Math.round(n));
    return { after_ms: whole(madeAt - this.at), seq, position_ms: whole(beat.position * 1000), playing: beat.playing, visible: beat.visible };
  }

  keep(beat: OfflineBeat): void {
    this.beats.push(beat);
  }

  /** What was handed in is gone; later reports need a new lease. */
  done(count: number): void {
    this.beats = this.beats.slice(count);
    if (this.beats.length === 0) this.issued = null;
  }

  forget(): void {
    this.issued = null;
    this.beats = [];
  }
}
