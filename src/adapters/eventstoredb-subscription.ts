import {
  START,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import type pb from '@eventstore/db-client/generated/streams_pb.js';

import { Unavailable, type LogEntry, type Subscribe } from '../application/ports.ts';
import type { EventCodec } from './event-codec.ts';
import { isOutage } from './eventstoredb-errors.ts';
import { placeOf, storedOf } from './eventstoredb-recorded.ts';

/** A checkpoint after this many considered events: what a restart has to look through again at most. */
const searchWindow = 500;
const checkpointInterval = 1;
/** Some servers call the end of an empty log 2^64 - 1: storing that as a checkpoint would skip all that follows. */
const highestPosition = 2n ** 63n - 1n;

interface Options {
  client: EventStoreDBClient;
  codec: EventCodec;
  prefix: string;
}

/** What is pulled from the stream: events of the server and, between them, what the client only tells by callback. */
type Item<Event> = Event | Mark;
type Mark = { readonly mark: 'checkpoint'; readonly position: bigint } | { readonly mark: 'caught-up' };

export function eventstoredbSubscription({ client, codec, prefix }: Options): Subscribe {
  return followAll({ client, prefix, entryOf: (item: AllStreamResolvedEvent) => entryOf(item, codec, prefix) });
}

interface Following<Event extends object, Recorded> {
  readonly client: EventStoreDBClient;
  readonly prefix: string;
  /** Instead of what the client makes of a message. */
  readonly convert?: (read: pb.ReadResp.ReadEvent) => Event;
  readonly entryOf: (item: Event) => LogEntry<Recorded> | undefined;
}

export function followAll<Event extends object, Recorded>({
  client,
  prefix,
  convert,
  entryOf,
}: Following<Event, Recorded>) {
  return async function* follow(after: bigint | 'start', signal: AbortSignal): AsyncGenerator<LogEntry<Recorded>> {
    const aborted = (): boolean => signal.aborted;
    if (aborted()) return;
    const subscription = subscribed(client, prefix, after);
    if (convert) Object.assign(subscription, { convertGrpcEvent: convert });
    // What goes wrong after the loop is left would otherwise end the process.
    subscription.on('error', () => undefined);
    const stop = (): void => void subscription.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const item of subscription as unknown as AsyncIterable<Item<Event>>) {
        const entry = 'mark' in item ? markEntry(item) : entryOf(item);
        if (entry) yield entry;
      }
    } catch (error) {
      if (aborted()) return;
      throw isOutage(error) ? new Unavailable('event-store', { cause: error }) : error;
    } finally {
      signal.removeEventListener('abort', stop);
      // Ends the call on the server; it has ended already where this fails.
      subscription.unsubscribe().catch(() => undefined);
    }
    if (!aborted()) throw new Unavailable('event-store');
  };
}

function subscribed(client: EventStoreDBClient, prefix: string, after: bigint | 'start'): AllStreamSubscription {
  const subscription = client.subscribeToAll({
    fromPosition: after === 'start' ? START : { commit: after, prepare: after },
    filter: streamNameFilter({
      prefixes: [prefix],
      maxSearchWindow: searchWindow,
      checkpointInterval,
      checkpointReached: (reached, { commit }) => {
        if (commit <= highestPosition) place(reached, { mark: 'checkpoint', position: commit });
      },
    }),
  });
  subscription.on('caughtUp', () => {
    place(subscription, { mark: 'caught-up' });
  });
  return subscription;
}

/**
 * Both callbacks run inside the subscription's transform, so what they push stands in order among the events and counts
 * towards its buffer.
 */
function place(subscription: AllStreamSubscription, mark: Mark): void {
  subscription.push(mark);
}

const markEntry = (item: Mark) =>
  item.mark === 'checkpoint' ? ({ kind: 'checkpoint', position: item.position } as const) : caughtUp;

function entryOf(item: AllStreamResolvedEvent, codec: EventCodec, prefix: string): LogEntry | undefined {
  const { event, commitPosition } = item;
  if (event === undefined) return undefined;
  const place = placeOf(event, commitPosition, prefix);
  const { position } = place;
  if (!codec.knows(event.type)) return { kind: 'checkpoint', position };
  return { kind: 'event', recorded: codec.decode(storedOf(event), place), position };
}

const caughtUp = { kind: 'caught-up' } as const;
