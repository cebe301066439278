// Covered stretches of a lecture, sorted and apart.
import type { Interval } from "./types";

/** Neighbours closer than this are one stretch. */
const joint = 0.75;

export function merge(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].filter((i) => i.to > i.from).sort((a, b) => a.from - b.from);
  const out: Interval[] = [];
  for (const next of sorted) {
    const last = out[out.length - 1];
    if (last && next.from <= last.to + joint) last.to = Math.max(last.to, next.to);
    else out.push({ from: next.from, to: next.to });
  }
  return out;
}

export function add(intervals: readonly Interval[], from: number, to: number): Interval[] {
  return merge([...intervals, { from, to }]);
}

export function sum(intervals: readonly Interval[]): number {
  return intervals.reduce((total, i) => total + i.to - i.from, 0);
}

/** Where the person may go: anywhere back, forward only onto what was watched. */
export function reachable(intervals: readonly Interval[], now: number, wanted: number): number {
  if (wanted <= now) return Math.max(0, wanted);
  let best = now;
  for (const { from, to } of intervals) {
    if (from <= wanted) best = Math.max(best, Math.min(wanted, to));
  }
  return best;
}
