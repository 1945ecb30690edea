const second = 1000;
const hour = 3600 * second;

const firstDelay = second;
const longestDelay = 5 * 60 * second;
const triedFor = 24 * hour;

/** Attempts are bounded by time (`isOverdue`), not by count; this only has to be more than fit into a day. */
export const maxAttempts = 1000;

/** The name under which producers ask for `delayBeforeRetry`. */
const backoffType = 'jittered';

/** What every job is added with: by the queue, and by the schedules. */
export const jobOptions = {
  attempts: maxAttempts,
  backoff: { type: backoffType },
  removeOnComplete: { age: (24 * hour) / second, count: 10_000 },
  removeOnFail: { age: (30 * 24 * hour) / second, count: 10_000 },
} as const;

/** Tried for a day: then it is parked, where it can be seen. */
export function isOverdue(ageMs: number): boolean {
  return ageMs >= triedFor;
}

/**
 * Milliseconds before the next attempt: exponential from a second, capped at five minutes, with half of it random, so
 * that what failed together does not come back together.
 */
export function delayBeforeRetry(
  attemptsMade: number,
  { retryAfterMs, random }: { retryAfterMs: number; random: () => number },
): number {
  const full = Math.min(longestDelay, firstDelay * 2 ** Math.min(attemptsMade - 1, 30));
  return Math.round(Math.max(full * (0.5 + random() / 2), retryAfterMs));
}
