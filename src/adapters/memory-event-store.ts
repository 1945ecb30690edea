import { once } from 'node:events';

import {
  WrongExpectedRevision,
  type Clock,
  type EventStore,
  type LogEntry,
  type NewEvent,
  type Recorded,
  type StreamRevision,
  type Subscribe,
} from '../application/ports.ts';

interface Memory {
  /** In commit order: the position of an event is its place here, counted from 1. */
  readonly log: Recorded[];
  readonly streams: Map<string, readonly Recorded[]>;
  readonly commits: EventTarget;
}

/** Keeps the contract of the real store in memory, personal fields in the clear: for tests. */
export function memoryEventStore({ clock }: { clock: Clock }): EventStore & {
  subscribe: Subscribe;
  /** Everything appended so far, in commit order. */
  all(): readonly Recorded[];
} {
  const memory: Memory = { log: [], streams: new Map(), commits: new EventTarget() };
  return {
    all: () => [...memory.log],
    subscribe: (after, signal) => follow(memory, after, signal),

    readStream(stream, from = 0n) {
      const events = memory.streams.get(stream) ?? [];
      return Promise.resolve({
        events: events.slice(Number(from)),
        revision: revisionOf(events),
        position: events.at(-1)?.position,
      });
    },

    append: (stream, events, expected) =>
      new Promise((resolve) => {
        resolve(append(memory, { stream, events, expected, recordedAt: clock() }));
      }),
  };
}

interface Append {
  stream: string;
  events: readonly NewEvent[];
  expected: StreamRevision | 'any';
  recordedAt: Date;
}

function append(
  { log, streams, commits }: Memory,
  { stream, events, expected, recordedAt }: Append,
): { position: bigint; revision: bigint } {
  if (events.length === 0) throw new Error(`Nothing to append to ${stream}.`);
  const before = streams.get(stream) ?? [];
  const repeated = storedBefore(before, events, expected);
  if (repeated) return { position: repeated.position, revision: repeated.revision };
  const revision = revisionOf(before);
  if (expected !== 'any' && expected !== revision) {
    throw new WrongExpectedRevision(`${stream} is at ${String(revision)}, not at ${String(expected)}.`);
  }
  const recorded = events.map((event, index): Recorded => ({
    ...structuredClone(event),
    stream,
    revision: BigInt(before.length + index),
    position: BigInt(log.length + index + 1),
    recordedAt,
  }));
  streams.set(stream, [...before, ...recorded]);
  log.push(...recorded);
  commits.dispatchEvent(new Event('commit'));
  return { position: BigInt(log.length), revision: BigInt(before.length + events.length - 1) };
}

async function* follow(
  { log, commits }: Memory,
  after: bigint | 'start',
  signal: AbortSignal,
): AsyncGenerator<LogEntry> {
  let next = after === 'start' ? 0 : Number(after);
  let toldCaughtUp = false;
  while (!signal.aborted) {
    const recorded = log[next];
    if (recorded) {
      next += 1;
      yield { kind: 'event', recorded, position: recorded.position };
    } else if (!toldCaughtUp) {
      toldCaughtUp = true;
      yield { kind: 'caught-up' };
    } else {
      await once(commits, 'commit', { signal }).catch(() => undefined);
    }
  }
}

function revisionOf(events: readonly Recorded[]): StreamRevision {
  return events.length === 0 ? 'no-stream' : BigInt(events.length - 1);
}

/** The last event of an earlier append of the same ids at the same expected revision. */
function storedBefore(
  stream: readonly Recorded[],
  events: readonly NewEvent[],
  expected: StreamRevision | 'any',
): Recorded | undefined {
  const first =
    expected === 'any'
      ? stream.findIndex(({ id }) => id === events[0]?.id)
      : Number(expected === 'no-stream' ? -1n : expected) + 1;
  if (first < 0 || !events.every(({ id }, index) => stream[first + index]?.id === id)) return undefined;
  return stream[first + events.length - 1];
}
