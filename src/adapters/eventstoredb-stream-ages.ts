import { randomUUID } from 'node:crypto';
import { BACKWARDS, END, StreamNotFoundError, type EventStoreDBClient } from '@eventstore/db-client';

import { Unavailable, WrongExpectedRevision } from '../application/ports.ts';
import type { StreamAges } from '../application/retention.ts';
import { appendCall } from './eventstoredb-append-call.ts';
import { isOutage } from './eventstoredb-errors.ts';

const daySeconds = 86_400;

interface Options {
  client: EventStoreDBClient;
  prefix: string;
  timeoutMs?: number;
}

/** `$maxAge` in the metadata of a stream; whatever else stands there stays as it is. */
export function eventstoredbStreamAges({ client, prefix, timeoutMs = 2000 }: Options): StreamAges {
  const append = appendCall(client);

  /** Not by `getStreamMetadata`: what it calls a revision is a position, which no append can expect. */
  async function newest(metastream: string): Promise<{ revision: bigint; data: Record<string, unknown> } | undefined> {
    const last = { direction: BACKWARDS, fromRevision: END, maxCount: 1, deadline: timeoutMs } as const;
    let found: { revision: bigint; data: Record<string, unknown> } | undefined;
    try {
      // Read to its end: the client waits, when it is closed, for every read that was given up.
      for await (const { event } of client.readStream(metastream, last)) {
        if (event) found = { revision: event.revision, data: event.data as Record<string, unknown> };
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    }
    return found;
  }

  async function set(metastream: string, days: number | null): Promise<boolean> {
    const known = await newest(metastream);
    const { $maxAge: before, ...others } = known?.data ?? {};
    const maxAge = days === null ? undefined : days * daySeconds;
    // Whoever truncated or deleted it did so by hand, and 64-bit numbers do not come back from JSON as they were.
    if (before === maxAge || '$tb' in others) return false;
    const data = Buffer.from(JSON.stringify({ ...others, ...(maxAge !== undefined && { $maxAge: maxAge }) }));
    const event = { id: randomUUID(), type: '$metadata', data, metadata: Buffer.alloc(0) };
    const expected = known?.revision ?? 'no-stream';
    const signal = AbortSignal.timeout(timeoutMs);
    await append({ stream: metastream, events: [event], expected, deadlineMs: timeoutMs, signal });
    return true;
  }

  return {
    set: async (stream, days) => {
      try {
        return await set(`$$${prefix}${stream}`, days);
      } catch (error) {
        // Where somebody else set it a moment ago, the next run looks again.
        if (!isOutage(error) && !(error instanceof WrongExpectedRevision)) throw error;
        throw new Unavailable('event-store', { cause: error });
      }
    },
  };
}
