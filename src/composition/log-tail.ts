import type { LogEntry } from '../application/ports.ts';
import { recentEntries, type Limits, type RecentEntries } from './recent-entries.ts';

export type Follow<Event> = (after: bigint | 'start', signal: AbortSignal) => AsyncIterable<LogEntry<Event>>;

/** One subscription that many read from, each at its own pace. It ends with the last of them. */
export interface Tail<Event> {
  readonly recent: RecentEntries<Event>;
  readonly readers: Set<Reader>;
  readonly stop: AbortController;
  /** It has reached the end of the log. */
  live: boolean;
  /** With an error, unless it ended by itself. */
  ended: { readonly error?: unknown } | undefined;
}

export interface Reader {
  /** The number of the entry that it reads next. */
  next: number;
  wake: () => void;
}

/** Follows what comes after `origin`. Whoever begins it joins it at once: it ends when a last reader leaves. */
export function beginTail<Event>(subscribe: Follow<Event>, origin: bigint | 'start', limits: Limits): Tail<Event> {
  const tail: Tail<Event> = {
    recent: recentEntries<Event>(origin, limits),
    readers: new Set(),
    stop: new AbortController(),
    live: false,
    ended: undefined,
  };
  const end = (ended: { readonly error?: unknown }) => {
    tail.ended = ended;
    wakeAll(tail);
  };
  pump(subscribe(origin, tail.stop.signal), tail).then(
    () => {
      end({});
    },
    (error: unknown) => {
      end({ error });
    },
  );
  return tail;
}

/** `undefined` when the tail is over, or may not have everything after this position. */
export function joinTail<Event>(tail: Tail<Event>, position: bigint | 'start'): Reader | undefined {
  const next = isOver(tail) ? undefined : tail.recent.after(position);
  if (next === undefined) return undefined;
  const reader = { next, wake: () => undefined };
  tail.readers.add(reader);
  return reader;
}

export function leaveTail<Event>({ readers, stop }: Tail<Event>, reader: Reader): void {
  readers.delete(reader);
  if (readers.size === 0) stop.abort();
}

export const isOver = <Event>({ ended, stop }: Tail<Event>): boolean => ended !== undefined || stop.signal.aborted;

/** Waits for something new; false when nothing will come. Throws what the subscription threw. */
export async function goesOn<Event>({ ended }: Tail<Event>, reader: Reader): Promise<boolean> {
  if (ended === undefined) {
    await new Promise<void>((resolve) => (reader.wake = resolve));
    return true;
  }
  if ('error' in ended) throw ended.error;
  return false;
}

/** Never waits for a reader: what one of them has not read in time it reads for itself. */
async function pump<Event>(entries: AsyncIterable<LogEntry<Event>>, tail: Tail<Event>): Promise<void> {
  for await (const entry of entries) {
    if (entry.kind === 'caught-up') tail.live = true;
    else tail.recent.add(entry);
    wakeAll(tail);
  }
}

function wakeAll<Event>({ readers }: Tail<Event>): void {
  for (const reader of readers) reader.wake();
}
