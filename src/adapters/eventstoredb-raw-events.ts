import type { EventStoreDBClient } from '@eventstore/db-client';

import type { PlacedEvent, Recorded, SubscribeRaw } from '../application/ports.ts';
import type { EventCodec } from './event-codec.ts';
import { positionOf } from './eventstoredb-recorded.ts';
import { followAll } from './eventstoredb-subscription.ts';
import type { WireEvent } from './eventstoredb-wire.ts';

/** Every event of the installation as the bytes that the store keeps, in commit order. */
export function eventstoredbRawEvents({
  client,
  prefix,
}: {
  client: EventStoreDBClient;
  prefix: string;
}): SubscribeRaw {
  return followAll({ client, prefix, entryOf: rawEntryOf });
}

function rawEntryOf(event: WireEvent) {
  const { id, type, stream, revision, createdMs, data, metadata } = event;
  const position = positionOf(event);
  const recordedAt = new Date(createdMs);
  const recorded: PlacedEvent = { id, type, stream, revision, position, recordedAt, data, metadata };
  return { kind: 'event', recorded, position } as const;
}

/** What `eventstoredbSubscription` makes of the same event; `undefined` for a type that this version does not know. */
export function rawDecoder(codec: EventCodec, prefix: string): (event: PlacedEvent) => Recorded | undefined {
  return ({ id, type, stream, revision, position, recordedAt, data, metadata }) => {
    if (!codec.knows(type)) return undefined;
    const stored = { id, type, data: jsonIn(data), metadata: jsonIn(metadata) };
    return codec.decode(stored, { stream: stream.slice(prefix.length), revision, position, recordedAt });
  };
}

const jsonIn = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
