import {
  BACKWARDS,
  END,
  FORWARDS,
  START,
  StreamNotFoundError,
  type AllStreamResolvedEvent,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, counted, countedTo, newStream, numbersOf } from './events.ts';
import { startEventStore, type EventStore } from './server.ts';

let store: EventStore;
beforeAll(async () => {
  store = await startEventStore();
});
afterAll(() => store.stop());

describe('reading a stream', () => {
  const stream = newStream();
  beforeAll(async () => {
    await store.client.appendToStream(stream, countedTo(1200));
  });
  const read = async (options: Parameters<EventStore['client']['readStream']>[1]): Promise<number[]> =>
    numbersOf(await collect(store.client.readStream(stream, options)));

  it('gives all events in order over several pages, and backwards in reverse', async () => {
    const all = Array.from({ length: 1200 }, (_, number) => number);
    expect(await read({})).toEqual(all);
    expect(await read({ direction: BACKWARDS, fromRevision: END })).toEqual(all.reverse());
  });

  it('starts at the given revision, included, in both directions', async () => {
    expect(await read({ fromRevision: 1197n })).toEqual([1197, 1198, 1199]);
    expect(await read({ direction: BACKWARDS, fromRevision: 2n })).toEqual([2, 1, 0]);
    expect(await read({ direction: BACKWARDS, fromRevision: START })).toEqual([0]);
    expect(await read({ direction: BACKWARDS, fromRevision: 99_999n, maxCount: 1 })).toEqual([1199]);
  });

  it('gives no more than asked for', async () => {
    expect(await read({ maxCount: 2 })).toEqual([0, 1]);
    expect(await read({ direction: BACKWARDS, fromRevision: END, maxCount: 2 })).toEqual([1199, 1198]);
    expect(await read({ fromRevision: 100n, maxCount: 700 })).toHaveLength(700);
  });

  it('gives nothing beyond the end, which is not an error', async () => {
    expect(await read({ fromRevision: 1200n })).toEqual([]);
    expect(await read({ direction: FORWARDS, fromRevision: END })).toEqual([]);
  });

  it('says when there is no such stream', async () => {
    const missing = newStream();
    const refusal = collect(store.client.readStream(missing)).catch((error: unknown) => error);
    expect(await refusal).toBeInstanceOf(StreamNotFoundError);
  });

  it('accepts that links be resolved', async () => {
    expect(await read({ resolveLinkTos: true, maxCount: 1 })).toEqual([0]);
  });
});

describe('reading $all', () => {
  const positions = (events: readonly AllStreamResolvedEvent[]): bigint[] =>
    events.map(({ event }) => event?.position.commit ?? -1n);

  it('gives every event once, in the order of commit, and backwards in reverse', async () => {
    // A given server has a log of its own, and other writers.
    const { position: begin } = await store.client.appendToStream(newStream(), [counted(1)]);
    if (begin === undefined) throw new Error('a position is missing');
    const { position: end } = await store.client.appendToStream(newStream(), countedTo(3));
    const forwards = positions(await collect(store.client.readAll({ fromPosition: begin })));
    expect(new Set(forwards).size).toBe(forwards.length);
    expect(forwards).toEqual(forwards.toSorted((one, other) => (one < other ? -1 : 1)));
    expect(forwards).toContain(end?.commit);
    const newer: bigint[] = [];
    for await (const { event } of store.client.readAll({ direction: BACKWARDS, fromPosition: END })) {
      newer.unshift(event?.position.commit ?? -1n);
      if (event?.position.commit === begin.commit) break;
    }
    expect(newer.slice(0, forwards.length)).toEqual(forwards);
  });

  it('includes the event at the position forwards, and begins before it backwards', async () => {
    const stream = newStream();
    const first = await store.client.appendToStream(stream, [counted(1)]);
    const second = await store.client.appendToStream(stream, [counted(2)]);
    if (first.position === undefined || second.position === undefined) throw new Error('a position is missing');
    const forwards = await collect(store.client.readAll({ fromPosition: second.position, maxCount: 1 }));
    expect(forwards[0]?.event?.position).toEqual(second.position);
    const before = { direction: BACKWARDS, fromPosition: second.position, maxCount: 1 } as const;
    const [previous] = await collect(store.client.readAll(before));
    expect(previous?.event?.position.commit).toBeLessThan(second.position.commit);
    if (store.own !== undefined) expect(previous?.event?.position).toEqual(first.position);
    expect(await collect(store.client.readAll({ direction: BACKWARDS, fromPosition: START }))).toEqual([]);
    expect(await collect(store.client.readAll({ direction: FORWARDS, fromPosition: END }))).toEqual([]);
  });
});

it('serves a member of a cluster of one to a client that discovers', async ({ skip }) => {
  if (store.own === undefined) skip('a given server may be a cluster');
  const { EventStoreDBClient } = await import('@eventstore/db-client');
  const discovering = EventStoreDBClient.connectionString(store.url.replace('esdb:', 'esdb+discover:'));
  const stream = newStream();
  await store.client.appendToStream(stream, [counted(1)]);
  expect(numbersOf(await collect(discovering.readStream(stream)))).toEqual([1]);
  await discovering.dispose();
});
