// A note of how far the lecture was watched, kept in the browser every few seconds, so that a crash or a dead battery
// costs seconds only.
import { SealedStore } from "../lib/sealed";
import type { Issued } from "./lease";
import type { OfflineBeat } from "./types";

export interface Note {
  session: string;
  seq: number;
  position: number;
  /** What was done without a network, under which lease. */
  lease?: Issued;
  beats?: OfflineBeat[];
}

export class Notes {
  private readonly kept = new SealedStore("/api/v1/me/note-key");

  constructor(private readonly lecture: string) {}

  async write(note: Note): Promise<void> {
    await this.kept.put(this.lecture, note);
  }

  /** The last note of this person on this lecture, which is then gone. */
  async take(): Promise<Note | null> {
    if (!(await this.kept.open())) return null;
    const note = await this.kept.get<Note>(this.lecture);
    await this.kept.drop(this.lecture);
    return note;
  }
}
