import { randomUUID } from 'node:crypto';
import { START, streamNameFilter, type Position, type ResolvedEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collect, counted, countedTo, newStream, numbersOf } from './events.ts';
import { notOurs, startEventStore, type EventStore } from './server.ts';

let store: EventStore;
beforeAll(async () => {
  store = await startEventStore();
});
afterAll(() => store.stop());

/** A given server has a log of its own, and other writers. */
function isNewest(last: bigint, positions: readonly bigint[]): boolean {
  const read = positions.at(-1) ?? -1n;
  return store.own === undefined ? last >= read : last === read;
}

async function positionNow(): Promise<Position | typeof START> {
  if (store.own !== undefined) return START;
  const { position } = await store.client.appendToStream(newStream(), [counted(0)]);
  if (position === undefined) throw new Error('a position is missing');
  return position;
}

const memoryGrowth = 120 * 1024 * 1024;

it('takes and gives back 100,000 events, in order', async () => {
  const category = `volume_${randomUUID()}`;
  const fromPosition = await positionNow();
  for (let batch = 0; batch < 100; batch += 1) {
    await store.client.appendToStream(`${category}-${batch}`, countedTo(1000, 'x'.repeat(200)));
  }
  const subscription = store.client.subscribeToAll({
    fromPosition,
    filter: streamNameFilter({ prefixes: [category], maxSearchWindow: 1000 }),
  });
  const positions: bigint[] = [];
  for await (const { event } of subscription) {
    positions.push(event?.position.commit ?? -1n);
    if (positions.length === 100_000) break;
  }
  await subscription.unsubscribe();
  expect(positions.every((position, index) => index === 0 || position > (positions[index - 1] ?? position))).toBe(true);
  const newest = await collect(store.client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }));
  expect(newest[0]?.event?.position.commit).toSatisfy((last: bigint) => isNewest(last, positions));
}, 60_000);

it.skipIf(notOurs !== undefined)(
  'holds little in memory for subscribers that stop reading, and loses nothing for them',
  async () => {
    const stream = newStream('large');
    for (let number = 0; number < 60; number += 1) {
      await store.client.appendToStream(stream, [counted(number, 'z'.repeat(900_000))]);
    }
    const residentBytes = (): number => store.own?.server().residentBytes() ?? 0;
    const before = residentBytes();
    const slow = Array.from({ length: 10 }, () => store.client.subscribeToStream(stream)[Symbol.asyncIterator]());
    for (const reader of slow) await reader.next();
    // Ten readers stand still after their first event; the others go by.
    expect(await collect(store.client.readStream(stream))).toHaveLength(60);
    expect(residentBytes() - before).toBeLessThan(memoryGrowth);
    const [first, ...others] = slow;
    const numbers: number[] = [];
    for (let number = 1; number < 60; number += 1) {
      const { value } = (await first?.next()) as IteratorYieldResult<ResolvedEvent>;
      numbers.push(...numbersOf([value]));
    }
    expect(numbers).toEqual(Array.from({ length: 59 }, (_, index) => index + 1));
    for (const reader of [first, ...others]) await reader?.return?.();
  },
);
