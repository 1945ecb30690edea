import type { EventStoreDBClient } from '@eventstore/db-client';

import type { PlacedEvent, SubscribeRaw } from '../application/ports.ts';
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
  const { id, type, stream, revision, data, metadata } = event;
  const position = positionOf(event);
  const recorded: PlacedEvent = { id, type, stream, revision, position, data, metadata };
  return { kind: 'event', recorded, position } as const;
}
