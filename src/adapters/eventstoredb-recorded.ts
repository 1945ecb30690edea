import type { RecordedEvent } from '@eventstore/db-client';

import type { Place, StoredEvent } from './event-codec.ts';

/** What the client calls an event, in the codec's words; the codec judges whether data and metadata are what they should be. */
export function storedOf({ id, type, data, metadata }: RecordedEvent): StoredEvent {
  return { id, type, data: data as Record<string, unknown>, metadata: (metadata ?? {}) as Record<string, unknown> };
}

export function placeOf(event: RecordedEvent, commitPosition: bigint | undefined, prefix: string): Place {
  const position = commitPosition ?? event.position?.commit;
  if (position === undefined) throw new Error('The event store gives no positions: 22.6 or newer is needed.');
  const { streamId, revision, created } = event;
  return { stream: streamId.slice(prefix.length), revision, position, recordedAt: created };
}
