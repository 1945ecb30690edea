import { BACKWARDS, END, EventStoreDBClient } from '@eventstore/db-client';
import type { RawEvent } from './record.ts';

/** Everything of one installation in commit order, as the store tells it to any client. */
export async function readRawLog(eventStoreUrl: string, streamPrefix: string): Promise<RawEvent[]> {
  const client = EventStoreDBClient.connectionString(eventStoreUrl);
  const found: RawEvent[] = [];
  try {
    for await (const { event } of client.readAll({ direction: BACKWARDS, fromPosition: END })) {
      if (!event?.streamId.startsWith(streamPrefix)) continue;
      const { id, type, revision, streamId, position, data, metadata } = event;
      found.push({
        ...{ id, type, revision, stream: streamId.slice(streamPrefix.length), position: position.commit },
        data: data as Record<string, unknown>,
        metadata: metadata as Record<string, unknown>,
      });
    }
  } finally {
    await client.dispose();
  }
  return found.reverse();
}
