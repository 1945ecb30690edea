const least = 24;
const most = 250;
/** Milliseconds; a session check waits for the event loop about three times. */
const lateMs = 40;
const shrinksTo = 0.8;
const growsBy = 4;

export interface AdaptiveLimit {
  readonly now: () => number;
  /** To be called at a steady pace, with how late the event loop is and the most that were under way since. */
  readonly adapt: (lateness: number, busiest: number) => void;
}

/**
 * How much a process begins at once: a little more while it is asked for and the event loop keeps up, a fifth less each
 * time while it does not (additive increase, multiplicative decrease). It does not judge by how long answers take: they
 * wait for databases and for hashes as well, which less work of this process would not make faster.
 */
export function adaptiveLimit(): AdaptiveLimit {
  let limit = most;
  return {
    now: () => Math.floor(limit),
    adapt(lateness, busiest) {
      // What was allowed but not used says nothing: the cut is taken from what was really under way.
      if (lateness > lateMs) limit = Math.max(least, Math.min(limit, busiest) * shrinksTo);
      else if (busiest >= Math.floor(limit)) limit = Math.min(most, limit + growsBy);
    },
  };
}
