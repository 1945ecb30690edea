import { randomUUID } from 'node:crypto';
import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  START,
  streamNameFilter,
  type AllStreamSubscription,
  type Position,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { counted, countedTo, newStream, numbersOf, take } from './events.ts';
import { startEventStore, type EventStore } from './server.ts';
import { until } from './until.ts';

let store: EventStore;
beforeAll(async () => {
  store = await startEventStore();
});
afterAll(() => store.stop());

describe('a subscription to a stream', () => {
  it('gives history, says that it has caught up, and goes on with what is appended', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, countedTo(700));
    const subscription = store.client.subscribeToStream(stream);
    const seen: number[] = [];
    let caughtUpAfter = -1;
    subscription.on('data', (resolved) => seen.push(...numbersOf([resolved])));
    subscription.on('caughtUp', () => (caughtUpAfter = seen.length));
    await until(() => caughtUpAfter >= 0);
    await store.client.appendToStream(stream, [counted(700), counted(701)]);
    await store.client.appendToStream(newStream(), [counted(-1)]);
    await store.client.appendToStream(stream, [counted(702)]);
    await until(() => seen.length >= 703);
    await subscription.unsubscribe();
    expect(seen).toEqual(Array.from({ length: 703 }, (_, number) => number));
    expect(caughtUpAfter).toBeGreaterThanOrEqual(650);
  });

  it('begins after the given revision', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, countedTo(5));
    const subscription = store.client.subscribeToStream(stream, { fromRevision: 2n });
    expect(numbersOf(await take(subscription, 2))).toEqual([3, 4]);
    await subscription.unsubscribe();
  });

  it('waits for a stream that does not exist yet, and from the end sees only what is new', async () => {
    const stream = newStream();
    const waiting = store.client.subscribeToStream(stream);
    const fromEnd = store.client.subscribeToStream(stream, { fromRevision: END });
    const ready = Promise.all(
      [waiting, fromEnd].map((one) => new Promise<void>((resolve) => one.once('caughtUp', resolve))),
    );
    const seen = [take(waiting, 1), take(fromEnd, 1)];
    await ready;
    await store.client.appendToStream(stream, [counted(1)]);
    expect((await Promise.all(seen)).map(numbersOf)).toEqual([[1], [1]]);
    await Promise.all([waiting.unsubscribe(), fromEnd.unsubscribe()]);
  });
});

describe('a subscription to $all', () => {
  it('never skips or repeats while others write, across the switch from history to live', async () => {
    const category = `switch_${randomUUID()}`;
    const events = 2000;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let number = writer; number < events; number += 8) {
        await store.client.appendToStream(newStream(category), [counted(number)]);
      }
    });
    const filter = streamNameFilter({ prefixes: [category] });
    const subscribe = async (): Promise<bigint[]> => {
      const subscription = store.client.subscribeToAll({ fromPosition: START, filter });
      const taken = await take(subscription, events);
      await subscription.unsubscribe();
      return taken.map(({ event }) => event?.position.commit ?? -1n);
    };
    const subscribers = [subscribe()];
    for (let late = 0; late < 4; late += 1) {
      await store.client.appendToStream(newStream(), countedTo(10));
      subscribers.push(subscribe());
    }
    await Promise.all(writers);
    const [first, ...others] = await Promise.all(subscribers);
    expect(new Set(first).size).toBe(events);
    expect(first).toEqual(first?.toSorted((one, other) => (one < other ? -1 : 1)));
    for (const other of others) expect(other).toEqual(first);
  });

  it('begins after the given position, which a reader may take from the last event it handled', async () => {
    const category = `resume_${randomUUID()}`;
    for (let number = 0; number < 10; number += 1) {
      await store.client.appendToStream(newStream(category), [counted(number)]);
    }
    const filter = streamNameFilter({ prefixes: [category] });
    let fromPosition: Position | typeof START = START;
    const seen: number[] = [];
    while (seen.length < 10) {
      const subscription: AllStreamSubscription = store.client.subscribeToAll({ fromPosition, filter });
      const taken = await take(subscription, 3, () => true).catch(() => []);
      await subscription.unsubscribe();
      seen.push(...numbersOf(taken));
      fromPosition = taken.at(-1)?.event?.position ?? fromPosition;
      if (seen.length === 9) await store.client.appendToStream(newStream(category), [counted(10), counted(11)]);
    }
    expect(seen.slice(0, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it.each([
    ['a stream prefix', (mark: string) => streamNameFilter({ prefixes: ['nothing-', `${mark}_b`] }), ['b']],
    ['a stream expression', (mark: string) => streamNameFilter({ regex: `^${mark}_[ab]-` }), ['a', 'b']],
    ['a type prefix', (mark: string) => eventTypeFilter({ prefixes: [`${mark}_type_c`] }), ['c']],
    ['a type expression', (mark: string) => eventTypeFilter({ regex: `^${mark}_type_(a|c)$` }), ['a', 'c']],
  ])('shows only what matches %s, in history and live', async (_, filterFor, expected) => {
    const mark = `f${randomUUID().slice(0, 8)}`;
    const append = async (round: number): Promise<void> => {
      for (const letter of ['a', 'b', 'c']) {
        const event = { ...counted(round), type: `${mark}_type_${letter}` as 'Counted' };
        await store.client.appendToStream(newStream(`${mark}_${letter}`), [event]);
      }
    };
    await append(1);
    const subscription = store.client.subscribeToAll({ fromPosition: START, filter: filterFor(mark) });
    const seen: string[] = [];
    let live = false;
    subscription.on('data', ({ event }) => seen.push(event?.type.at(-1) ?? ''));
    subscription.on('caughtUp', () => (live = true));
    await until(() => live);
    await append(2);
    await until(() => seen.length >= expected.length * 2);
    await subscription.unsubscribe();
    expect(seen).toEqual([...expected, ...expected]);
  });

  it('leaves out the system events when asked to', async () => {
    const stream = newStream();
    await store.client.setStreamMetadata(stream, { maxCount: 3 });
    await store.client.appendToStream(stream, [counted(1)]);
    const subscription = store.client.subscribeToAll({ fromPosition: START, filter: excludeSystemEvents() });
    const types = new Set<string>();
    let live = false;
    subscription.on('data', ({ event }) => types.add(event?.type ?? ''));
    subscription.on('caughtUp', () => (live = true));
    await until(() => live);
    await subscription.unsubscribe();
    expect([...types].some((type) => type.startsWith('$'))).toBe(false);
    expect(types.has('Counted')).toBe(true);
  });
});

describe('the checkpoints of a filtered subscription', () => {
  const nothing = `nothing_${randomUUID()}`;

  it('come in history and live although nothing matches, rise, and let a reader resume without loss', async () => {
    const before = await store.client.appendToStream(newStream(), [counted(0)]);
    await store.client.appendToStream(newStream(), countedTo(384));
    const checkpoints: bigint[] = [];
    const subscription = store.client.subscribeToAll({
      fromPosition: before.position ?? START,
      filter: streamNameFilter({
        prefixes: [nothing],
        maxSearchWindow: 64,
        checkpointReached: async (_, position) => {
          checkpoints.push(position.commit);
          await Promise.resolve();
        },
      }),
    });
    let live = false;
    const matched: bigint[] = [];
    subscription.on('caughtUp', () => (live = true));
    subscription.on('data', ({ event }) => matched.push(event?.position.commit ?? -1n));
    await until(() => live);
    expect([6, 7]).toContain(checkpoints.length);
    const inHistory = checkpoints.length;
    const appended = await store.client.appendToStream(newStream(), countedTo(130));
    await until(() => checkpoints.length >= inHistory + 2);
    expect(checkpoints).toEqual([...new Set(checkpoints)].toSorted((one, other) => (one < other ? -1 : 1)));
    expect(checkpoints.at(-1)).toBeLessThanOrEqual(appended.position?.commit ?? 0n);
    expect(matched).toEqual([]);
    await subscription.unsubscribe();

    const match = await store.client.appendToStream(`${nothing}-1`, [counted(1)]);
    const checkpoint = checkpoints.at(-1) ?? 0n;
    const resumed = store.client.subscribeToAll({
      fromPosition: { commit: checkpoint, prepare: checkpoint },
      filter: streamNameFilter({ prefixes: [nothing] }),
    });
    const [event] = await take(resumed, 1);
    await resumed.unsubscribe();
    expect(event?.event?.position).toEqual(match.position);
  });

  it('are never ahead of an event that is still to be delivered', async () => {
    const category = `mixed_${randomUUID()}`;
    const order: { kind: 'event' | 'checkpoint'; at: bigint }[] = [];
    const subscription = store.client.subscribeToAll({
      fromPosition: END,
      filter: streamNameFilter({
        prefixes: [category],
        maxSearchWindow: 7,
        checkpointReached: async (_, { commit }) => {
          order.push({ kind: 'checkpoint', at: commit });
          await Promise.resolve();
        },
      }),
    });
    let live = false;
    subscription.on('caughtUp', () => (live = true));
    subscription.on('data', ({ event }) => order.push({ kind: 'event', at: event?.position.commit ?? -1n }));
    await until(() => live);
    for (let round = 0; round < 30; round += 1) {
      await store.client.appendToStream(newStream(round % 3 === 0 ? category : 'other'), countedTo((round % 5) + 1));
    }
    await until(() => order.filter(({ kind }) => kind === 'event').length === 30);
    await subscription.unsubscribe();
    expect(order.map(({ at }) => at)).toEqual(
      order.map(({ at }) => at).toSorted((one, other) => (one < other ? -1 : 1)),
    );
    expect(order.some(({ kind }) => kind === 'checkpoint')).toBe(true);
  });
});
