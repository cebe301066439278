// What the learning API says (seconds everywhere).

export interface Session {
  id: string;
  seconds: number;
  resume_at: number;
  next_seq: number;
}

export interface Interval {
  from: number;
  to: number;
}

export interface Coverage {
  seconds: number;
  covered: number;
  complete: boolean;
  intervals: Interval[];
}

export interface Refusal {
  reason: string;
  seconds: number;
}

export interface Attention {
  id: string;
  kind: "confirm" | "question";
  prompt: string;
  options: string[] | null;
  due_in: number;
}

export interface Progress {
  credited: number;
  total: number;
  pending: number;
  refused: Refusal[];
  attention: Attention | null;
  next_in: number;
}

/** One report: where we are, and how the time since the last report was spent. */
export interface Beat {
  position: number;
  playing: boolean;
  visible: boolean;
  /** A jump by the person: it must stay a report of its own, and its refusal is no news. */
  seek?: boolean;
  /** When it was made, on the page's own clock. */
  madeAt?: number;
}

/** A report made without a network: when, in milliseconds after the lease was issued. */
export interface OfflineBeat {
  after_ms: number;
  seq: number;
  position_ms: number;
  playing: boolean;
  visible: boolean;
}
