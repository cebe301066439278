// What has no film still has its time: a document's pages and a package go forward with the clock while someone is at it.
// It looks like a video to the player, so reports, seeking and checks are the same for all lectures.

/** What the player needs of a video. */
export interface Medium {
  currentTime: number;
  readonly paused: boolean;
  readonly readyState: number;
  readonly buffered?: TimeRanges;
  muted: boolean;
  volume: number;
  playbackRate: number;
  play(): Promise<void>;
  pause(): void;
  addEventListener(type: string, listener: (event: Event) => void, options?: AddEventListenerOptions): void;
}

const tick = 250;

export class Pace extends EventTarget implements Medium {
  readonly readyState = 4;
  muted = false;
  volume = 1;
  playbackRate = 1;
  /** Time stops here until someone goes on: the end of a page, or of all. */
  limit: number;
  private at = 0;
  private since = 0;
  private timer = 0;

  constructor(readonly duration: number) {
    super();
    this.limit = duration;
  }

  get paused(): boolean {
    return this.timer === 0;
  }

  get currentTime(): number {
    const run = this.timer === 0 ? 0 : (performance.now() - this.since) / 1000;
    return Math.min(this.at + run, this.limit);
  }

  set currentTime(to: number) {
    this.at = Math.min(Math.max(0, to), this.duration);
    this.since = performance.now();
    this.tell("seeked");
    this.tell("timeupdate");
  }

  async play(): Promise<void> {
    if (this.timer !== 0 || this.currentTime >= this.limit) return;
    this.since = performance.now();
    this.timer = window.setInterval(() => this.step(), tick);
    this.tell("play");
  }

  pause(): void {
    if (this.timer === 0) return;
    this.at = this.currentTime;
    clearInterval(this.timer);
    this.timer = 0;
    this.tell("pause");
  }

  private step(): void {
    this.tell("timeupdate");
    if (this.currentTime < this.limit) return;
    const isEnd = this.limit >= this.duration;
    this.pause();
    this.tell(isEnd ? "ended" : "held");
  }

  private tell(type: string): void {
    this.dispatchEvent(new Event(type));
  }
}
