import type { LogEntry, Recorded } from '../application/ports.ts';

/** How long a position that changes no row may wait to be written: behind others that catch up, and once live. */
const catchingUpLingerMs = 1000;
const liveLingerMs = 4;

export interface Batch<Event = Recorded> {
  /** Those that were wanted; the others only moved the positions. */
  readonly events: readonly Event[];
  readonly position: bigint | undefined;
  readonly eventPosition: bigint | undefined;
  /** How many events were seen, wanted or not. */
  readonly seen: number;
  /** The subscription reached the end of the log in this batch. */
  readonly caughtUp: boolean;
}

export interface BatchOptions<Event = Recorded> {
  readonly subscribe: (after: bigint | 'start', signal: AbortSignal) => AsyncIterable<LogEntry<Event>>;
  readonly after: bigint | 'start';
  readonly signal: AbortSignal;
  readonly size: number;
  readonly wants: (recorded: Event) => boolean;
}

interface OpenBatch<Event> {
  events: Event[];
  position: bigint | undefined;
  eventPosition: bigint | undefined;
  seen: number;
  caughtUp: boolean;
  /** By `performance.now()`. */
  dueAt: number;
}

const emptyBatch = <Event>(): OpenBatch<Event> => ({
  events: [],
  position: undefined,
  eventPosition: undefined,
  seen: 0,
  caughtUp: false,
  dueAt: Infinity,
});

/**
 * Batches without a clock: while the consumer writes one, the next fills up, so a single event leaves at once and a
 * flood leaves in full batches. Ends with the signal; throws what the subscription throws, or when it ends by itself.
 */
export async function* batches<Event = Recorded>(options: BatchOptions<Event>): AsyncGenerator<Batch<Event>> {
  const { subscribe, after, signal, size, wants } = options;
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  let open = emptyBatch<Event>();
  let ended: Error | undefined;
  let live = false;
  let wake: () => void = noop;
  let room: () => void = noop;

  const take = (entry: LogEntry<Event>) => {
    const dueAt = addTo(open, entry, wants, live ? liveLingerMs : catchingUpLingerMs);
    live ||= entry.kind === 'caught-up';
    if (dueAt < open.dueAt) {
      open.dueAt = dueAt;
      wake();
    }
  };
  const pump = async () => {
    for await (const entry of subscribe(after, stopped)) {
      take(entry);
      if (open.events.length >= size) await new Promise<void>((resolve) => (room = resolve));
      if (stopped.aborted) return;
    }
    throw new Error('the subscription ended by itself');
  };
  pump().catch((cause: unknown) => {
    ended = cause instanceof Error ? cause : new Error('the subscription failed', { cause });
    wake();
  });
  stopped.addEventListener('abort', () => {
    wake();
    room();
  });

  try {
    while (!signal.aborted) {
      const waitMs = open.dueAt - performance.now();
      if (waitMs > 0 && !ended) await new Promise<void>((resolve) => (wake = wakeOnce(resolve, waitMs)));
      else if (open.dueAt < Infinity) {
        const batch = open;
        open = emptyBatch();
        room();
        yield batch;
      } else if (ended) throw ended;
    }
  } finally {
    stop.abort();
  }
}

const noop = () => undefined;

function wakeOnce(resolve: () => void, waitMs: number): () => void {
  const timer = waitMs < Infinity ? setTimeout(resolve, waitMs) : undefined;
  return () => {
    clearTimeout(timer);
    resolve();
  };
}

/** Returns when the batch is due because of this entry. */
function addTo<Event>(
  batch: OpenBatch<Event>,
  entry: LogEntry<Event>,
  wants: (recorded: Event) => boolean,
  lingerMs: number,
): number {
  if (entry.kind === 'caught-up') {
    batch.caughtUp = true;
    return 0;
  }
  batch.position = entry.position;
  if (entry.kind === 'checkpoint') return performance.now() + catchingUpLingerMs;
  batch.eventPosition = entry.position;
  batch.seen += 1;
  if (!wants(entry.recorded)) return performance.now() + lingerMs;
  batch.events.push(entry.recorded);
  return 0;
}
