import type { EventStoreDBClient } from '@eventstore/db-client';
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

import type { EventStore, Recorded, StreamRevision } from '../application/ports.ts';
import { appendCall, type AppendedEvent } from './eventstoredb-append-call.ts';
import { asClientError, EventStoreStalled, isOutage, isStall } from './eventstoredb-errors.ts';
import type { EventCodec, StoredEvent } from './event-codec.ts';
import { outageGuard, type OutageGuard } from './outage-guard.ts';
import type { ReadCall } from './eventstoredb-connected.ts';
import { cancel, readStream } from './eventstoredb-read-call.ts';
import { placeOf, positionOf, storedOf } from './eventstoredb-recorded.ts';
import type { WireEvent, WireMessage } from './eventstoredb-wire.ts';

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
  const append = appendCall(client);
  const policies = { read: readPolicy(), append: appendPolicy(timeoutMs) };

  function read(stream: string, from: bigint | 'last'): Promise<readonly WireEvent[]> {
    return guard.run(() => policies.read.execute(() => readOnce(client, prefix + stream, from, timeoutMs)));
  }

  return {
    status: guard.status,

    async readStream(stream, from = 0n) {
      // One event earlier than asked tells where the stream ends when there is nothing new.
      const first = from > 0n ? from - 1n : 0n;
      const found = await read(stream, first);
      const [last] = found.length > 0 || first === 0n ? found.slice(-1) : await read(stream, 'last');
      const events: Recorded[] = [];
      for (const event of found) {
        if (event.revision >= from) events.push(codec.decode(storedOf(event), placeOf(event, prefix)));
      }
      return { events, ...endingWith(last) };
    },

    async append(stream, events, expected) {
      if (events.length === 0) throw new Error(`Nothing to append to ${stream}.`);
      // Encoded once: a retry must be the identical batch to be recognised as the same append.
      const batch = (await Promise.all(events.map((event) => codec.encode(event)))).map(written);
      const wanted = { stream: prefix + stream, events: batch, expected, deadlineMs: timeoutMs / 2 };
      return guard.run(() => policies.append.execute(({ signal }) => append({ ...wanted, signal })));
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

/** A hung attempt leaves time for a second one. */
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

function endingWith(last: WireEvent | undefined): Ending {
  return last === undefined
    ? { revision: 'no-stream', position: undefined }
    : { revision: last.revision, position: positionOf(last) };
}

/** Forward from a revision to the end, or only the last event. No event for `silenceMs` is an outage. */
async function readOnce(
  client: EventStoreDBClient,
  name: string,
  from: bigint | 'last',
  silenceMs: number,
): Promise<readonly WireEvent[]> {
  const opening = readStream(client, name, from);
  let silence: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, reject) => {
    silence = setTimeout(() => {
      reject(new EventStoreStalled('No answer to a read.'));
    }, silenceMs);
  });
  try {
    return await Promise.race([stalled, opening.then((stream) => eventsOf(stream, () => silence?.refresh()))]);
  } catch (error) {
    opening.then(cancel, () => undefined);
    throw error instanceof Error ? asClientError(error) : error;
  } finally {
    clearTimeout(silence);
  }
}

/** A stream that is not there has none. */
function eventsOf(stream: ReadCall, onEvent: () => void): Promise<readonly WireEvent[]> {
  return new Promise((resolve, reject) => {
    const events: WireEvent[] = [];
    stream.on('error', reject);
    stream.on('end', () => {
      resolve(events);
    });
    stream.on('data', (message: WireMessage) => {
      onEvent();
      if (message.kind === 'event') events.push(message.event);
    });
  });
}

const written = ({ id, type, data, metadata }: StoredEvent): AppendedEvent => ({
  id,
  type,
  data: Buffer.from(JSON.stringify(data)),
  metadata: Buffer.from(JSON.stringify(metadata)),
});
