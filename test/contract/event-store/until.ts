import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 20;

/** Waits for a condition, and fails when it does not come true in time. */
export async function until(condition: () => boolean | Promise<boolean>, patienceMs = 15_000): Promise<void> {
  for (let waitedMs = 0; !(await condition()); waitedMs += pollMs) {
    if (waitedMs > patienceMs) throw new Error(`Not within ${patienceMs} ms: ${condition.toString()}`);
    await delay(pollMs);
  }
}
