import type { EventStoreDBClient } from '@eventstore/db-client';

import { Unavailable, type LogEntry, type Subscribe } from '../application/ports.ts';
import type { EventCodec } from './event-codec.ts';
import { isOutage } from './eventstoredb-errors.ts';
import type { ReadCall } from './eventstoredb-connected.ts';
import { cancel, readLog } from './eventstoredb-read-call.ts';
import { placeOf, positionOf, storedOf } from './eventstoredb-recorded.ts';
import type { WireEvent, WireMessage } from './eventstoredb-wire.ts';

/** Some servers call the end of an empty log 2^64 - 1: storing that as a checkpoint would skip all that follows. */
const highestPosition = 2n ** 63n - 1n;

interface Options {
  client: EventStoreDBClient;
  codec: EventCodec;
  prefix: string;
}

export function eventstoredbSubscription({ client, codec, prefix }: Options): Subscribe {
  return followAll({ client, prefix, entryOf: (event) => entryOf(event, codec, prefix) });
}

interface Following<Recorded> {
  readonly client: EventStoreDBClient;
  readonly prefix: string;
  readonly entryOf: (event: WireEvent) => LogEntry<Recorded>;
}

export function followAll<Recorded>({ client, prefix, entryOf }: Following<Recorded>) {
  return async function* follow(after: bigint | 'start', signal: AbortSignal): AsyncGenerator<LogEntry<Recorded>> {
    const aborted = (): boolean => signal.aborted;
    if (aborted()) return;
    let stream: ReadCall | undefined;
    const stop = (): void => void stream?.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      stream = await readLog(client, prefix, after);
      // What goes wrong after the loop is left would otherwise end the process.
      stream.on('error', () => undefined);
      if (aborted()) return;
      for await (const message of stream as AsyncIterable<WireMessage>) {
        const entry = message.kind === 'event' ? entryOf(message.event) : markIn(message);
        if (entry) yield entry;
      }
    } catch (error) {
      if (aborted()) return;
      throw isOutage(error) ? new Unavailable('event-store', { cause: error }) : error;
    } finally {
      signal.removeEventListener('abort', stop);
      cancel(stream);
    }
    if (!aborted()) throw new Unavailable('event-store');
  };
}

function markIn(message: Exclude<WireMessage, { kind: 'event' }>) {
  if (message.kind === 'caught-up') return caughtUp;
  if (message.kind === 'other' || message.position > highestPosition) return undefined;
  return { kind: 'checkpoint', position: message.position } as const;
}

function entryOf(event: WireEvent, codec: EventCodec, prefix: string): LogEntry {
  const position = positionOf(event);
  if (!codec.knows(event.type)) return { kind: 'checkpoint', position };
  return { kind: 'event', recorded: codec.decode(storedOf(event), placeOf(event, prefix)), position };
}

const caughtUp = { kind: 'caught-up' } as const;
