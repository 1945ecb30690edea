import { setTimeout } from 'node:timers/promises';

/** Waits for a condition, looking often; fails when it does not come true in time. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  { withinMs = 20_000 }: { withinMs?: number } = {},
): Promise<void> {
  const until = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`not true within ${withinMs} ms: ${condition.toString()}`);
    await setTimeout(10);
  }
}
