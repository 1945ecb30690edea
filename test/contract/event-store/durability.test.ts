import { randomUUID } from 'node:crypto';
import { END, EventStoreDBClient, NO_STREAM, START, streamNameFilter, type ResolvedEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, counted, newStream, numbersOf, take } from './events.ts';
import { startOwnPostgres } from './postgres.ts';
import { notOurs, startEventStore, startServerProcess, type EventStore, type OwnEventStore } from './server.ts';
import { until } from './until.ts';

let store: EventStore;
beforeAll(async () => {
  store = await startEventStore(startOwnPostgres);
});
afterAll(() => store.stop());

const viaAppend = { credentials: { username: 'admin', password: 'changeit' } };

function own(): OwnEventStore {
  if (store.own === undefined) throw new Error('These tests need a server of their own.');
  return store.own;
}

describe('many writers at once', () => {
  it('on one stream, expecting its last revision, never overwrite each other', async () => {
    const stream = newStream();
    let refused = 0;
    const writer = async (): Promise<void> => {
      for (let written = 0; written < 5;) {
        const [last] = await collect(
          store.client.readStream(stream, { direction: 'backwards', fromRevision: END, maxCount: 1 }),
        ).catch(() => []);
        const expectedRevision = last?.event?.revision ?? NO_STREAM;
        try {
          await store.client.appendToStream(stream, [counted(Number(last?.event?.revision ?? -1n) + 1)], {
            expectedRevision,
          });
          written += 1;
        } catch {
          refused += 1;
        }
      }
    };
    await Promise.all(Array.from({ length: 12 }, writer));
    expect(numbersOf(await collect(store.client.readStream(stream)))).toEqual(
      Array.from({ length: 60 }, (_, number) => number),
    );
    expect(refused).toBeGreaterThan(0);
  });

  it('on many streams, get positions that a reader meets in rising order', async () => {
    const category = `many_${randomUUID()}`;
    const subscription = store.client.subscribeToAll({
      fromPosition: END,
      filter: streamNameFilter({ prefixes: [category] }),
    });
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    const seen = take(subscription, 960);
    const results = await Promise.all(
      Array.from({ length: 64 }, async () => {
        const stream = newStream(category);
        const positions: bigint[] = [];
        for (let number = 0; number < 15; number += 1) {
          const { position } = await store.client.appendToStream(stream, [counted(number)], {
            expectedRevision: number === 0 ? NO_STREAM : BigInt(number - 1),
          });
          positions.push(position?.commit ?? -1n);
        }
        return positions;
      }),
    );
    const positions = (await seen).map(({ event }) => event?.position.commit ?? -1n);
    await subscription.unsubscribe();
    const answered = results.flat().toSorted((one, other) => (one < other ? -1 : 1));
    expect(positions).toEqual(answered);
    expect(new Set(positions).size).toBe(960);
  });
});

describe.skipIf(notOurs !== undefined)(`a server that fails (${notOurs ?? 'own server'})`, () => {
  it('has everything it acknowledged exactly once after it was killed while appending', async () => {
    const category = `killed_${randomUUID()}`;
    const acknowledged: string[] = [];
    let appending = true;
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      for (let number = 0; appending; number += 1) {
        const event = counted(number);
        const append = store.client.appendToStream(`${category}-${writer}`, [event], viaAppend);
        const answered = await append.then(
          () => true,
          () => false,
        );
        if (answered) acknowledged.push(event.id);
      }
    });
    for (const killedAfter of [100, 250, 500]) {
      await until(() => acknowledged.length >= killedAfter);
      await own().restart();
    }
    await until(() => acknowledged.length >= 700);
    appending = false;
    await Promise.all(writers);
    const stored = await collect(store.client.readAll());
    const ids = stored.flatMap(({ event }) => (event?.streamId.startsWith(category) === true ? [event.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
    expect(acknowledged.filter((id) => !ids.includes(id))).toEqual([]);
    const positions = stored.map(({ event }) => event?.position.commit ?? -1n);
    expect(positions).toEqual(positions.map((_, index) => (positions[0] ?? 0n) + BigInt(index)));
  });

  it('recognises an append that is repeated after a crash, whether or not it had been committed', async () => {
    const stream = newStream();
    const events = [counted(0), counted(1)];
    const first = store.client
      .appendToStream(stream, events, { expectedRevision: NO_STREAM, ...viaAppend })
      .catch(() => undefined);
    await own().restart();
    await first;
    const again = await store.client.appendToStream(stream, events, { expectedRevision: NO_STREAM, ...viaAppend });
    expect(again.nextExpectedRevision).toBe(1n);
    expect(numbersOf(await collect(store.client.readStream(stream)))).toEqual([0, 1]);
  });

  it('survives a crash of Postgres, refuses in the meantime, and its subscriptions go on without loss', async () => {
    const { postgres } = own();
    const category = `outage_${randomUUID()}`;
    const filter = streamNameFilter({ prefixes: [category] });
    const subscription = store.client.subscribeToAll({ fromPosition: START, filter });
    const seen: ResolvedEvent[] = [];
    const failures: unknown[] = [];
    subscription.on('data', (resolved) => seen.push(resolved));
    subscription.on('error', (error) => failures.push(error));
    const append = (number: number): Promise<boolean> =>
      store.client.appendToStream(`${category}-1`, [counted(number)], viaAppend).then(
        () => true,
        () => false,
      );
    expect(await append(0)).toBe(true);
    await until(() => seen.length === 1);
    await postgres.crash?.();
    const refusal: unknown = await store.client
      .appendToStream(newStream(), [counted(1)], viaAppend)
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ type: 'unavailable' });
    await expect(collect(store.client.readStream(newStream()))).rejects.toMatchObject({ type: 'unavailable' });
    await postgres.revive?.();
    await until(() => append(1));
    await until(() => seen.length === 2);
    await subscription.unsubscribe();
    expect(failures).toEqual([]);
    expect(numbersOf(seen)).toEqual([0, 1]);
  });

  it('finishes what it accepted when it is asked to end, and ends with 0', async () => {
    const appends = Array.from({ length: 50 }, (_, number) => {
      const stream = newStream('ending');
      return store.client.appendToStream(stream, [counted(number)], viaAppend).then(
        () => stream,
        () => undefined,
      );
    });
    await appends[0];
    expect(await own().server().end('SIGTERM')).toBe(0);
    const acknowledged = (await Promise.all(appends)).filter((stream) => stream !== undefined);
    await own().restart();
    expect(acknowledged.length).toBeGreaterThan(0);
    for (const stream of acknowledged) {
      expect(await collect(store.client.readStream(stream))).toHaveLength(1);
    }
  });

  it('does not let a second server write to the same database', async () => {
    const second = startServerProcess({ EVENT_STORE_DATABASE_URL: own().postgres.url });
    await expect(second).rejects.toThrow('ended with 1');
  });

  it('ends when the process that started it is gone', async () => {
    const { process: server } = own().server();
    server.disconnect();
    await until(() => server.exitCode !== null);
    expect(server.exitCode).toBe(0);
    await own().restart();
  });
});

it.skipIf(notOurs !== undefined)('names what is wrong with its configuration and ends with 1', async () => {
  await expect(startServerProcess({ EVENT_STORE_DATABASE_URL: 'nonsense' })).rejects.toThrow('ended with 1');
});

it('keeps a second client waiting for nothing: what one appends the other reads at once', async () => {
  const other = EventStoreDBClient.connectionString(store.url);
  const stream = newStream();
  for (let number = 0; number < 20; number += 1) {
    await store.client.appendToStream(stream, [counted(number)], viaAppend);
    expect(await collect(other.readStream(stream))).toHaveLength(number + 1);
  }
  await other.dispose();
});
