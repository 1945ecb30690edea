import type { EventStoreDBClient } from '@eventstore/db-client';
import type pb from '@eventstore/db-client/generated/streams_pb.js';

import type { PlacedEvent, SubscribeRaw } from '../application/ports.ts';
import { followAll } from './eventstoredb-subscription.ts';

/** Every event of the installation as the bytes that the store keeps, in commit order. */
export function eventstoredbRawEvents({
  client,
  prefix,
}: {
  client: EventStoreDBClient;
  prefix: string;
}): SubscribeRaw {
  const subscribe = followAll({
    client,
    prefix,
    convert: rawEventOf,
    entryOf: (recorded: PlacedEvent) => ({ kind: 'event', recorded, position: recorded.position }) as const,
  });
  return subscribe;
}

/** The client shows JSON only parsed, and what is parsed and written again need not be the same bytes. */
function rawEventOf(read: pb.ReadResp.ReadEvent): PlacedEvent {
  const event = read.getEvent();
  const position = read.getCommitPosition() || event?.getCommitPosition();
  if (event === undefined || position === undefined) throw new Error('The event store gives no event or no position.');
  return {
    id: (event.getId()?.getString() ?? '').toLowerCase(),
    type: event.getMetadataMap().get('type') ?? '',
    stream: Buffer.from(event.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString(),
    revision: BigInt(event.getStreamRevision()),
    position: BigInt(position),
    data: event.getData_asU8(),
    metadata: event.getCustomMetadata_asU8(),
  };
}
