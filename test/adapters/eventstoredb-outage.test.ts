import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import { eventCodec } from '../../src/adapters/event-codec.ts';
import { connectEventStore } from '../../src/adapters/eventstoredb-client.ts';
import { eventstoredbEventStore } from '../../src/adapters/eventstoredb-event-store.ts';
import { eventstoredbSubscription } from '../../src/adapters/eventstoredb-subscription.ts';
import { newId } from '../../src/adapters/uuid-ids.ts';
import { Unavailable } from '../../src/application/ports.ts';
import { newEvent } from './event-store.contract.ts';
import { breakable, eventStoreUrl, freshPrefix } from './servers.ts';

const server = await breakable(eventStoreUrl().replace('esdb:', 'http:'));
const client = connectEventStore(server.url.replace('http:', 'esdb:'));
const codec = eventCodec({ subjectKeys: { forSealing: () => Promise.resolve(undefined) } });
const prefix = freshPrefix();
const timeoutMs = 600;
const open = () => eventstoredbEventStore({ client, codec, prefix, timeoutMs });
const recovered = { timeout: 15_000, interval: 50 };

afterEach(() => server.heal());
afterAll(async () => {
  await client.dispose();
  await server.close();
});

describe('an event store that does not answer', () => {
  it('is unavailable for reads and appends, and recovers by itself', async () => {
    const eventStore = open();
    const stream = `user-${newId()}`;
    await eventStore.append(stream, [newEvent('a')], 'no-stream');
    await server.cut();
    await expect(eventStore.readStream(stream)).rejects.toThrow(Unavailable);
    await expect(eventStore.append(stream, [newEvent('a')], 0n)).rejects.toThrow(Unavailable);
    await server.heal();
    await vi.waitFor(() => eventStore.append(stream, [newEvent('a')], 'any'), recovered);
    expect((await eventStore.readStream(stream)).events.length).toBeGreaterThan(1);
  });

  it('is given up on within the time limit when it hangs', async () => {
    const eventStore = open();
    const stream = `user-${newId()}`;
    await vi.waitFor(() => eventStore.append(stream, [newEvent('a')], 'any'), recovered);
    server.hang();
    const started = performance.now();
    await expect(eventStore.append(stream, [newEvent('a')], 'any')).rejects.toThrow(Unavailable);
    expect(performance.now() - started).toBeLessThan(timeoutMs * 3);
    await expect(eventStore.readStream(stream)).rejects.toThrow(Unavailable);
  });

  it('is not asked any more after several outages, until it has had a second', async () => {
    const eventStore = open();
    const stream = `user-${newId()}`;
    await vi.waitFor(() => eventStore.append(stream, [newEvent('a')], 'any'), recovered);
    await server.cut();
    for (let call = 0; call < 5; call += 1) {
      await expect(eventStore.readStream(stream)).rejects.toThrow(Unavailable);
    }
    expect(eventStore.status()).toBe('open');
    await server.heal();
    await vi.waitFor(() => eventStore.readStream(stream), recovered);
    expect(eventStore.status()).toBe('closed');
  });

  it('keeps an append whose answer was lost one append', async () => {
    const eventStore = open();
    const stream = `user-${newId()}`;
    await vi.waitFor(() => eventStore.append(stream, [newEvent('a')], 'any'), recovered);
    const revision = (await eventStore.readStream(stream)).revision;
    const events = [newEvent('a', 1), newEvent('a', 2)];
    const lost = eventStore.append(stream, events, revision);
    await server.cut();
    await server.heal();
    await lost.catch(() => undefined);
    await vi.waitFor(() => eventStore.append(stream, events, revision), recovered);
    const ids = (await eventStore.readStream(stream)).events.map(({ id }) => id);
    expect(ids.slice(-2)).toEqual(events.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('ends a subscription with an error, and a new one goes on where it was', async () => {
    const eventStore = open();
    const subscribe = eventstoredbSubscription({ client, codec, prefix });
    const first = newEvent('a');
    await vi.waitFor(() => eventStore.append(`user-${newId()}`, [first], 'any'), recovered);
    const stop = new AbortController();
    let last: bigint | undefined;
    const follow = async (): Promise<void> => {
      for await (const entry of subscribe('start', stop.signal)) {
        if (entry.kind === 'event') last = entry.position;
        if (entry.kind === 'caught-up') await server.cut();
      }
    };
    await expect(follow()).rejects.toThrow(Unavailable);
    await server.heal();
    const second = newEvent('b');
    await vi.waitFor(() => eventStore.append(`user-${newId()}`, [second], 'any'), recovered);
    const ids: string[] = [];
    for await (const entry of subscribe(last ?? 'start', stop.signal)) {
      if (entry.kind === 'event') ids.push(entry.recorded.id);
      if (ids.length > 0) break;
    }
    expect(ids).toEqual([second.id]);
  });
});
