import type { LogEntry } from '../application/ports.ts';
import { beginTail, goesOn, isOver, joinTail, leaveTail, type Follow, type Reader, type Tail } from './log-tail.ts';
import type { Limits } from './recent-entries.ts';

/** Seconds of a busy log. Whoever is further behind reads for itself. */
const usualLimits: Limits = { entries: 4096, bytes: 8 * 1024 * 1024 };

interface Sharing<Event> {
  readonly subscribe: Follow<Event>;
  readonly limits: Limits;
  tail: Tail<Event> | undefined;
}

interface Follower<Event> {
  readonly signal: AbortSignal;
  /** It has everything up to here. */
  position: bigint | 'start';
  /** It was told that it has reached the end. */
  caughtUp: boolean;
  reading: { readonly tail: Tail<Event>; readonly reader: Reader } | undefined;
}

/**
 * Followers that have reached the end of the log share one subscription, so that an event is read and decoded once for
 * all; they must not change it. Whoever is not there yet, or too slow for what is kept, has a subscription of its own
 * until then. When the shared one fails, so do all that read from it: none is given what came from before a failure by
 * a subscription after it.
 */
export function sharedTail<Event>(subscribe: Follow<Event>, limits = usualLimits): Follow<Event> {
  const sharing: Sharing<Event> = { subscribe, limits, tail: undefined };
  return async function* follow(after, signal) {
    const follower: Follower<Event> = { signal, position: after, caughtUp: false, reading: undefined };
    try {
      join(sharing, follower);
      while (!isAborted(follower)) {
        const goesOnFrom = follower.reading ? readShared(follower) : readAlone(sharing, follower);
        if (!(yield* goesOnFrom)) return;
      }
    } finally {
      leave(follower);
    }
  };
}

type Reading<Event> = AsyncGenerator<LogEntry<Event>, boolean, undefined>;

/** Until it can go on with the shared one; false when the log ended. */
async function* readAlone<Event>(sharing: Sharing<Event>, follower: Follower<Event>): Reading<Event> {
  for await (const entry of sharing.subscribe(follower.position, follower.signal)) {
    if (entry.kind === 'caught-up') follower.caughtUp = true;
    else follower.position = entry.position;
    yield entry;
    if (isAborted(follower)) return false;
    if (entry.kind === 'caught-up') begin(sharing, follower);
    join(sharing, follower);
    // Its own subscription is closed by that.
    if (follower.reading) return true;
  }
  return false;
}

/** Until it has been left behind; false when the log ended. */
async function* readShared<Event>(follower: Follower<Event>): Reading<Event> {
  const { signal, reading } = follower;
  if (!reading) return true;
  const { tail, reader } = reading;
  const onAbort = () => {
    reader.wake();
  };
  signal.addEventListener('abort', onAbort);
  try {
    while (!isAborted(follower)) {
      const entry = tail.recent.at(reader.next);
      if (entry === 'gone') {
        leave(follower);
        return true;
      }
      if (entry) reader.next += 1;
      const given = entry ? newTo(follower, entry) : arrival(tail, follower);
      if (given) yield given;
      else if (!entry && !(await goesOn(tail, reader))) return false;
    }
    return false;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** It may have come further by itself than the shared one. */
function newTo<Event>(follower: Follower<Event>, entry: Exclude<LogEntry<Event>, { kind: 'caught-up' }>) {
  if (follower.position !== 'start' && entry.position <= follower.position) return undefined;
  follower.position = entry.position;
  return entry;
}

/** What tells it, once, that it has reached the end. */
function arrival<Event>({ live }: Tail<Event>, follower: Follower<Event>) {
  if (follower.caughtUp || !live) return undefined;
  follower.caughtUp = true;
  return { kind: 'caught-up' } as const;
}

function begin<Event>(sharing: Sharing<Event>, { position }: Follower<Event>): void {
  const { tail, subscribe, limits } = sharing;
  if (!tail || isOver(tail)) sharing.tail = beginTail(subscribe, position, limits);
}

function join<Event>({ tail }: Sharing<Event>, follower: Follower<Event>): void {
  const reader = tail && joinTail(tail, follower.position);
  if (reader) follower.reading = { tail, reader };
}

function leave<Event>(follower: Follower<Event>): void {
  if (follower.reading) leaveTail(follower.reading.tail, follower.reading.reader);
  follower.reading = undefined;
}

// Read through a function, since the compiler does not know that it changes while we wait.
const isAborted = <Event>({ signal }: Follower<Event>) => signal.aborted;
