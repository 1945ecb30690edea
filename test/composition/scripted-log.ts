import type { LogEntry } from '../../src/application/ports.ts';
import type { Follow } from '../../src/composition/log-tail.ts';

/** What was appended: events of ours, and others that only show as checkpoints. */
export interface Appended {
  readonly position: bigint;
  readonly ours: boolean;
}

/** A log in memory whose subscriptions fail on demand and take as many turns for an entry as `turns` says. */
export function scriptedLog(turns: () => number) {
  const log: Appended[] = [];
  const wakers = new Set<() => void>();
  const subscriptions = { open: 0, opened: 0, delivered: 0 };
  let epoch = 0;
  let away: Error | undefined;
  let position = 0n;

  const wakeAll = () => {
    for (const wake of wakers) wake();
  };

  const asleep = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const up = () => {
        wakers.delete(up);
        signal.removeEventListener('abort', up);
        resolve();
      };
      wakers.add(up);
      signal.addEventListener('abort', up);
    });

  async function* entriesAfter(after: bigint | 'start', signal: AbortSignal): AsyncGenerator<LogEntry<bigint>> {
    const began = epoch;
    const isOver = () => signal.aborted || epoch !== began;
    let told = false;
    let next = log.filter((one) => after !== 'start' && one.position <= after).length;
    while (!isOver()) {
      const entry = log[next];
      const seen = entry ? entryOf(entry, next === log.length - 1 && !told) : arrival(told);
      if (entry) next += 1;
      else told = true;
      await takeTurns(turns());
      if (seen) yield seen;
      else if (next === log.length && told && !isOver()) await asleep(signal);
    }
    if (!signal.aborted) throw failure(began);
  }

  const subscribe: Follow<bigint> = async function* (after, signal) {
    if (away) throw away;
    subscriptions.open += 1;
    subscriptions.opened += 1;
    try {
      for await (const entry of entriesAfter(after, signal)) {
        if (entry.kind !== 'caught-up') subscriptions.delivered += 1;
        yield entry;
      }
    } finally {
      subscriptions.open -= 1;
    }
  };

  return {
    subscribe,
    subscriptions,
    append: (gap: number, ours: boolean): bigint => {
      position += BigInt(gap);
      log.push({ position, ours });
      wakeAll();
      return position;
    },
    /** Positions of our events that follow. */
    eventsAfter: (after: bigint | 'start'): bigint[] =>
      log.filter((one) => one.ours && (after === 'start' || one.position > after)).map((one) => one.position),
    head: () => position,
    failAll: () => {
      epoch += 1;
      wakeAll();
    },
    goAway: (error: Error) => (away = error),
    comeBack: () => (away = undefined),
  };
}

const arrival = (told: boolean) => (told ? undefined : caughtUp);

async function takeTurns(count: number): Promise<void> {
  for (let turn = count; turn > 0; turn -= 1) await Promise.resolve();
}

const caughtUp = { kind: 'caught-up' } as const;

const failure = (epoch: number) => new Error(`the subscriptions of epoch ${String(epoch)} failed`);

/** Others show now and then, and always at the end of what was there. */
function entryOf({ position, ours }: Appended, isEnd: boolean): LogEntry<bigint> | undefined {
  if (ours) return { kind: 'event', recorded: position, position };
  return isEnd || position % 3n === 0n ? { kind: 'checkpoint', position } : undefined;
}
