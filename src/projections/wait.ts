import { setTimeout as pause } from 'node:timers/promises';
import type { ReadModels } from './read-models.ts';

const pollMs = 5;

interface Waiter {
  readonly names: readonly string[];
  readonly position: bigint;
  readonly reached: () => void;
}

/** However many wait in this process, one query at a time asks for all of them. */
const waitersOf = new WeakMap<ReadModels, Set<Waiter>>();

/**
 * Whether all of these read models have everything up to `position`; false when they do not within `deadlineMs`, or
 * the signal aborts.
 */
export async function waitForPosition(
  pool: ReadModels,
  names: readonly string[],
  position: bigint,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const waiters = waitersOf.get(pool) ?? new Set<Waiter>();
  waitersOf.set(pool, waiters);
  return new Promise<boolean>((resolve) => {
    const settle = (reached: boolean) => {
      waiters.delete(waiter);
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      resolve(reached);
    };
    const giveUp = () => {
      settle(false);
    };
    const reached = () => {
      settle(true);
    };
    const waiter: Waiter = { names, position, reached };
    const timer = setTimeout(giveUp, deadlineMs);
    if (signal?.aborted) {
      giveUp();
      return;
    }
    signal?.addEventListener('abort', giveUp);
    waiters.add(waiter);
    if (waiters.size === 1) void poll(pool, waiters);
  });
}

async function poll(pool: ReadModels, waiters: Set<Waiter>): Promise<void> {
  while (waiters.size > 0) {
    // Those who came after the question was asked must not be answered by it.
    const asking = [...waiters];
    const positions = await currentPositions(pool).catch(() => new Map<string, bigint>());
    for (const waiter of asking) {
      if (waiter.names.every((name) => (positions.get(name) ?? -1n) >= waiter.position)) waiter.reached();
    }
    if (waiters.size > 0) await pause(pollMs);
  }
}

async function currentPositions(pool: ReadModels): Promise<Map<string, bigint>> {
  const { rows } = await pool.query<{ name: string; position: string }>({
    name: 'read-model-positions',
    text: 'select name, position from engine.projection_checkpoint where active and position is not null',
  });
  return new Map(rows.map(({ name, position }) => [name, BigInt(position)]));
}
