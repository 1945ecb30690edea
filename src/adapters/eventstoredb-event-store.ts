import {
  BACKWARDS,
  END,
  FORWARDS,
  jsonEvent,
  NO_STREAM,
  START,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type EventStoreDBClient,
  type JSONEventData,
  type ResolvedEvent,
} from '@eventstore/db-client';
import {
  ExponentialBackoff,
  handleWhen,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
  type IPolicy,
  type RetryPolicy,
} from 'cockatiel';

import { WrongExpectedRevision, type EventStore, type Recorded, type StreamRevision } from '../application/ports.ts';
import { EventStoreStalled, isOutage, isStall } from './eventstoredb-errors.ts';
import type { EventCodec, StoredEvent } from './event-codec.ts';
import { outageGuard, type OutageGuard } from './outage-guard.ts';
import { placeOf, storedOf } from './eventstoredb-recorded.ts';

interface Options {
  client: EventStoreDBClient;
  codec: EventCodec;
  /** Before every stream name, e.g. `mbauth_`, so that installations can share a store. */
  prefix: string;
  /** An append may take this long with its retries; a read may be silent for this long. */
  timeoutMs?: number;
}

export function eventstoredbEventStore({ client, codec, prefix, timeoutMs = 2000 }: Options): EventStore & {
  status: OutageGuard['status'];
} {
  const guard = outageGuard('event-store', { isOutage, isStall });
  const policies = { read: readPolicy(), append: appendPolicy(timeoutMs) };

  function read(stream: string, from: bigint | 'last'): Promise<ResolvedEvent[]> {
    return guard.run(() => policies.read.execute(() => readOnce(client, prefix + stream, from, timeoutMs)));
  }

  return {
    status: guard.status,

    async readStream(stream, from = 0n) {
      // One event earlier than asked tells where the stream ends when there is nothing new.
      const first = from > 0n ? from - 1n : 0n;
      const resolved = await read(stream, first);
      const [last] = resolved.length > 0 || first === 0n ? resolved.slice(-1) : await read(stream, 'last');
      const events: Recorded[] = [];
      for (const { event, commitPosition } of resolved) {
        if (event === undefined || event.revision < from) continue;
        events.push(codec.decode(storedOf(event), placeOf(event, commitPosition, prefix)));
      }
      return { events, ...endingWith(last) };
    },

    async append(stream, events, expected) {
      if (events.length === 0) throw new Error(`Nothing to append to ${stream}.`);
      // Encoded once: a retry must be the identical batch to be recognised as the same append.
      const batch = (await Promise.all(events.map((event) => codec.encode(event)))).map(toJsonEvent);
      const expectedRevision: AppendExpectedRevision = expected === 'no-stream' ? NO_STREAM : expected;
      const options = { expectedRevision, deadline: timeoutMs / 2 };
      try {
        const { nextExpectedRevision, position } = await guard.run(() =>
          policies.append.execute(() => client.appendToStream(prefix + stream, batch, options)),
        );
        if (position === undefined) throw new Error(`The event store gave no position for an append to ${stream}.`);
        return { position: position.commit, revision: nextExpectedRevision };
      } catch (error) {
        if (!(error instanceof WrongExpectedVersionError)) throw error;
        const actual = String(error.actualVersion);
        throw new WrongExpectedRevision(`${stream} is at ${actual}, not at ${String(expected)}.`, { cause: error });
      }
    },
  };
}

const backoff = new ExponentialBackoff({ initialDelay: 50, maxDelay: 400 });

function readPolicy(): RetryPolicy {
  return retry(
    handleWhen((error) => isOutage(error) && !(error instanceof EventStoreStalled)),
    { maxAttempts: 2, backoff },
  );
}

/** The client enforces no deadline on appends. A hung attempt leaves time for a second one. */
function appendPolicy(timeoutMs: number): IPolicy {
  return wrap(
    timeout(timeoutMs, TimeoutStrategy.Aggressive),
    retry(handleWhen(isOutage), { maxAttempts: 3, backoff }),
    timeout(timeoutMs / 2, TimeoutStrategy.Aggressive),
  );
}

interface Ending {
  revision: StreamRevision;
  position: bigint | undefined;
}

function endingWith(last: ResolvedEvent | undefined): Ending {
  return {
    revision: last?.event?.revision ?? 'no-stream',
    position: last?.commitPosition ?? last?.event?.position?.commit,
  };
}

/** Forward from a revision to the end, or only the last event. No event for `silenceMs` is an outage. */
async function readOnce(
  client: EventStoreDBClient,
  name: string,
  from: bigint | 'last',
  silenceMs: number,
): Promise<ResolvedEvent[]> {
  const stream =
    from === 'last'
      ? client.readStream(name, { direction: BACKWARDS, fromRevision: END, maxCount: 1 })
      : client.readStream(name, { direction: FORWARDS, fromRevision: from === 0n ? START : from });
  const silence = setTimeout(() => stream.destroy(new EventStoreStalled('No answer to a read.')), silenceMs);
  // What goes wrong after the loop is left would otherwise end the process.
  stream.on('error', () => undefined);
  const resolved: ResolvedEvent[] = [];
  try {
    for await (const event of stream as AsyncIterable<ResolvedEvent>) {
      silence.refresh();
      resolved.push(event);
    }
    return resolved;
  } catch (error) {
    if (error instanceof StreamNotFoundError) return [];
    // Leaving the loop alone would leak the call; an error here only repeats the one above.
    stream.cancel().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(silence);
  }
}

/** Serialised here first: inside the client an error while serialising would end the process. */
function toJsonEvent({ id, type, data, metadata }: StoredEvent): JSONEventData {
  JSON.stringify(data);
  JSON.stringify(metadata);
  return jsonEvent({ id, type, data, metadata });
}
