import type { Place, StoredEvent } from './event-codec.ts';
import type { WireEvent } from './eventstoredb-wire.ts';

/** In the codec's words; the codec judges whether data and metadata are what they should be. */
export function storedOf({ id, type, isJson, data, metadata }: WireEvent): StoredEvent {
  return {
    id,
    type,
    data: (isJson ? jsonIn(data) : data) as Record<string, unknown>,
    metadata: (metadata.length === 0 ? {} : jsonIn(metadata)) as Record<string, unknown>,
  };
}

export function placeOf(event: WireEvent, prefix: string): Place {
  const { stream, revision, createdMs } = event;
  return {
    stream: stream.slice(prefix.length),
    revision,
    position: positionOf(event),
    recordedAt: new Date(createdMs),
  };
}

export function positionOf({ position }: WireEvent): bigint {
  if (position === undefined) throw new Error('The event store gives no positions: 22.6 or newer is needed.');
  return position;
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
