export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** The moment `milliseconds` after `start`, in the form that events keep (ISO 8601 UTC). */
export function later(start: Date | string, milliseconds: number): string {
  return new Date(new Date(start).getTime() + milliseconds).toISOString();
}

/** Milliseconds from `start` to `now`; negative when the clock of whoever recorded `start` runs ahead. */
export function elapsedMs(start: Date | string, now: Date): number {
  return now.getTime() - new Date(start).getTime();
}

/** A period is over at its end, not after it. */
export function isPast(end: string, now: Date): boolean {
  return elapsedMs(end, now) >= 0;
}
