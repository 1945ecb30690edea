import type { RetentionSet } from './retention/events.ts';

const dayMs = 86_400_000;
/** The store counts from when it took an event, by its own clock. */
const clockToleranceMs = 3_600_000;
/** Streams are told of another policy one after the other; until then they keep to the former one. */
const tellingMs = 7 * dayMs;

/**
 * Whether the store may have let go of an event by now that states the time `at`, under any policy that its category
 * ever had: it had to come of age before the next policy was told.
 */
export function mayHaveExpired(policies: readonly RetentionSet['data'][], at: string, now: Date): boolean {
  const time = Date.parse(at);
  return policies.some(({ days }, n) => {
    const end = policies[n + 1]?.at;
    const endMs = end === undefined ? now.getTime() : Math.min(Date.parse(end) + tellingMs, now.getTime());
    return days !== null && time + days * dayMs - clockToleranceMs <= endMs;
  });
}
