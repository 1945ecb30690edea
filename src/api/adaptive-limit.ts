import type { LoopLoad } from './loop-load.ts';

const least = 24;
/** What a busy process still begins: more than that costs more for each, and less would turn people away for nothing. */
const leastWhileBusy = 64;
const most = 250;
/** Of the time. A loop that is busier has nothing left to begin more with: it would only keep more half-done in memory. */
const busyShare = 0.85;
/** Milliseconds; a session check waits for the event loop about three times. */
const tooLateMs = 40;
/** Milliseconds, of the answers of late on average: what is begun then waits for what is begun already. */
const slowMs = 250;
/** Milliseconds; one that waits for something of its own says no more than this. */
const mostOfOne = 1000;
const shrinksTo = 0.8;
const growsBy = 4;

export interface AdaptiveLimit {
  readonly now: () => number;
  /** How long an answer took. */
  readonly answered: (ms: number) => void;
  /** To be called at a steady pace, with how the event loop does and the most that were under way since. */
  readonly adapt: (loop: LoopLoad, busiest: number) => void;
}

/**
 * How much a process begins at once: a little more while it is asked for and answers come in time, a fifth less each
 * time while they do not (additive increase, multiplicative decrease). Either the event loop is what everything waits
 * for, and does less for each the more it has begun, or the stores behind it are, which do no more when more is asked of
 * them. It never falls below what keeps both busy, so that an outage, in which answers are slow for another reason, leaves
 * room for what works.
 */
export function adaptiveLimit(): AdaptiveLimit {
  let limit = most;
  let meanMs = 0;
  return {
    now: () => Math.floor(limit),
    answered(ms) {
      meanMs = 0.95 * meanMs + 0.05 * Math.min(ms, mostOfOne);
    },
    adapt({ lateMs, busy }, busiest) {
      // What was allowed but not used says nothing: the cut is taken from what was really under way.
      const shrunk = Math.min(limit, busiest) * shrinksTo;
      if (lateMs > tooLateMs || meanMs > slowMs) limit = Math.max(least, shrunk);
      else if (busy > busyShare) limit = Math.min(limit, Math.max(leastWhileBusy, shrunk));
      else if (busiest >= Math.floor(limit)) limit = Math.min(most, limit + growsBy);
    },
  };
}
