import type { Context, LogEntry, Recorded, Sealed, Subscribe } from '../../src/application/ports.ts';
import type { DomainEvent } from '../../src/domain/events.ts';

/** A log in memory that projections subscribe to; it can go away and come back. */
export interface TestLog {
  readonly recorded: readonly Recorded[];
  append(
    stream: string,
    event: DomainEvent,
    more?: { context?: Partial<Context>; sealed?: Omit<Sealed, 'subject'> & Partial<Pick<Sealed, 'subject'>> },
  ): Recorded;
  subscribe: Subscribe;
  readStream: (
    stream: string,
    from?: bigint,
  ) => Promise<{ events: Recorded[]; revision: bigint; position: bigint | undefined }>;
  /** Tells followers that everything up to here was looked at. */
  checkpoint(): bigint;
  /** Ends every subscription with an error, and refuses new ones until `comeBack`. */
  goAway(): void;
  comeBack(): void;
  readonly head: bigint;
}

export const id = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}

export function testLog(): TestLog {
  const entries: LogEntry[] = [];
  const revisions = new Map<string, bigint>();
  const sleepers = new Set<() => void>();
  let position = 0n;
  let away = false;
  const recordedOf = () => entries.flatMap((entry) => (entry.kind === 'event' ? [entry.recorded] : []));
  const wakeAll = () => {
    for (const wake of [...sleepers]) wake();
  };

  async function* subscribe(after: bigint | 'start', signal: AbortSignal): AsyncGenerator<LogEntry> {
    const from = after === 'start' ? -1n : after;
    let next = entries.findIndex((entry) => entry.kind !== 'caught-up' && entry.position > from);
    if (next === -1) next = entries.length;
    let caughtUp = false;
    while (!signal.aborted) {
      if (away) throw new Error('the log is away');
      const entry = entries[next];
      if (entry) {
        next += 1;
        yield entry;
      } else if (!caughtUp) {
        caughtUp = true;
        yield { kind: 'caught-up' };
      } else {
        await new Promise<void>((resolve) => {
          const wake = () => {
            sleepers.delete(wake);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          sleepers.add(wake);
          signal.addEventListener('abort', wake);
        });
      }
    }
  }

  return {
    subscribe,
    get recorded() {
      return recordedOf();
    },
    get head() {
      return position;
    },
    append: (stream, event, { context = {}, sealed } = {}) => {
      position += 7n;
      const revision = (revisions.get(stream) ?? -1n) + 1n;
      revisions.set(stream, revision);
      const eventId = id(Number(position));
      const subject = 'userId' in event.data ? event.data.userId : null;
      const recorded: Recorded = {
        id: eventId,
        stream,
        revision,
        position,
        recordedAt: new Date(Date.parse(event.data.at) + 5),
        event,
        context: { actor: { kind: 'system' }, correlationId: eventId, causationId: eventId, ...context },
        ...(sealed && { sealed: { subject: subject ?? stream, ...sealed } }),
      };
      // Read models share what is decoded: one that changes it fails here.
      freeze(recorded);
      entries.push({ kind: 'event', recorded, position });
      wakeAll();
      return recorded;
    },
    checkpoint: () => {
      position += 7n;
      entries.push({ kind: 'checkpoint', position });
      wakeAll();
      return position;
    },
    readStream: (stream, from = 0n) => {
      const events = recordedOf().filter((recorded) => recorded.stream === stream && recorded.revision >= from);
      return Promise.resolve({ events, revision: revisions.get(stream) ?? 0n, position: events.at(-1)?.position });
    },
    goAway: () => {
      away = true;
      wakeAll();
    },
    comeBack: () => {
      away = false;
    },
  };
}
