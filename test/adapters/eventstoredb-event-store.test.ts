import { jsonEvent } from '@eventstore/db-client';
import { afterAll, describe, expect, it } from 'vitest';

import { eventCodec } from '../../src/adapters/event-codec.ts';
import { connectEventStore } from '../../src/adapters/eventstoredb-client.ts';
import { eventstoredbEventStore } from '../../src/adapters/eventstoredb-event-store.ts';
import { eventstoredbSubscription } from '../../src/adapters/eventstoredb-subscription.ts';
import { newId } from '../../src/adapters/uuid-ids.ts';
import { UnknownEventType, type LogEntry } from '../../src/application/ports.ts';
import { eventStoreContract, newEvent } from './event-store.contract.ts';
import { eventStoreUrl, freshPrefix } from './servers.ts';

const client = connectEventStore(eventStoreUrl());
const codec = eventCodec({ subjectKeys: { forSealing: () => Promise.resolve(Buffer.alloc(32, 1)) } });
const prefix = freshPrefix();
const eventStore = eventstoredbEventStore({ client, codec, prefix });
const subscribe = eventstoredbSubscription({ client, codec, prefix });

afterAll(() => client.dispose());

eventStoreContract(() => ({ eventStore, subscribe }));

describe('an event store that others write to as well', () => {
  it('refuses to read a stream that holds a type it does not know', async () => {
    const stream = `user-${newId()}`;
    await eventStore.append(stream, [newEvent('a')], 'no-stream');
    await foreign(prefix + stream);
    await expect(eventStore.readStream(stream)).rejects.toThrow(UnknownEventType);
  });

  it('passes unknown types over in the log, but not their positions', async () => {
    const { position } = await eventStore.append(`user-${newId()}`, [newEvent('a')], 'any');
    const unknown = await foreign(`${prefix}painting-1`);
    const known = newEvent('b');
    await eventStore.append(`user-${newId()}`, [known], 'any');
    const seen = await entriesUntil(position, (entry) => entry.kind === 'event' && entry.recorded.id === known.id);
    expect(seen.filter(({ kind }) => kind === 'event')).toHaveLength(1);
    expect(seen).toContainEqual({ kind: 'checkpoint', position: unknown });
  });

  it('does not see events of another prefix, and moves past them with checkpoints', async () => {
    const { position } = await eventStore.append(`user-${newId()}`, [newEvent('a')], 'any');
    const others = eventstoredbEventStore({ client, codec, prefix: freshPrefix() });
    const many = Array.from({ length: 1200 }, (_, index) => newEvent('x', index));
    const elsewhere = await others.append('user-1', many, 'no-stream');
    const own = newEvent('b');
    await eventStore.append(`user-${newId()}`, [own], 'any');
    const seen = await entriesUntil(position, (entry) => entry.kind === 'event');
    expect(seen.at(-1)).toMatchObject({ kind: 'event', recorded: { id: own.id } });
    const checkpoints = seen.flatMap((entry) => (entry.kind === 'checkpoint' ? [entry.position] : []));
    expect(checkpoints.length).toBeGreaterThan(0);
    expect(checkpoints.every((at) => at > position && at <= elsewhere.position)).toBe(true);
  });

  it('refuses an event that does not survive JSON before the client sees it', async () => {
    const event = newEvent('a');
    const unserialisable = { ...event, context: { ...event.context, requestId: 1n as unknown as string } };
    await expect(eventStore.append(`user-${newId()}`, [unserialisable], 'any')).rejects.toThrow(/BigInt/);
    await expect(eventStore.append(`user-${newId()}`, [event], 'any')).resolves.toBeDefined();
  });

  async function foreign(stream: string): Promise<bigint | undefined> {
    const { position } = await client.appendToStream(stream, jsonEvent({ type: 'PaintingHung', data: {} }));
    return position?.commit;
  }

  async function entriesUntil(after: bigint, isLast: (entry: LogEntry) => boolean): Promise<LogEntry[]> {
    const stop = new AbortController();
    const seen: LogEntry[] = [];
    for await (const entry of subscribe(after, stop.signal)) {
      seen.push(entry);
      if (isLast(entry)) break;
    }
    return seen;
  }
});
