// A note of how far the lecture was watched, kept in the browser every few seconds, so that a crash or a dead battery
// costs seconds only.
import { SealedStore } from "../lib/sealed";
import type { Issued } from "./lease";
import type { OfflineBeat } from "./types";

export interface Note {
  session: string;
  seq: number;
  position: number;
  /** What was not told yet, with its times under the lease: it counts even if another device goes on meanwhile. */
  lease?: Issued;
  beats?: OfflineBeat[];
}

export class Notes {
  private readonly kept = new SealedStore("/api/v1/me/note-key");

  constructor(private readonly lecture: string) {}

  async write(note: Note): Promise<void> {
    await this.kept.put(this.lecture, note);
  }

  /** The last note of this person on this lecture. */
  async read(): Promise<Note | null> {
    return (await this.kept.open()) ? this.kept.get<Note>(this.lecture) : null;
  }

  async drop(): Promise<void> {
    await this.kept.drop(this.lecture);
  }
}
