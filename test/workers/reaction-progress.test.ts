import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enqueueWindow } from '../../src/workers/enqueue-window.ts';
import { loadProgress, positionAt, saveGeneration, saveProgress } from '../../src/workers/reaction-progress.ts';
import type { FreshDatabase } from '../support/database.ts';
import { freshDatabase } from './servers.ts';
import { at, later } from './stories.ts';

const minute = 60_000;
const hour = 60 * minute;
const when = (milliseconds: number) => new Date(later(milliseconds));

describe('the progress of the reactions', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.pool.query('truncate engine.reaction_checkpoint, engine.reaction_history');
  });

  const save = (position: bigint, now: Date, enqueuedAt = now) =>
    saveProgress(database.pool, { position, enqueuedAt, now });
  const history = async () =>
    (
      await database.pool.query<{ position: string }>('select position from engine.reaction_history order by at')
    ).rows.map(({ position }) => Number(position));

  it('is nothing at first', async () => {
    expect(await loadProgress(database.pool)).toEqual({});
    expect(await positionAt(database.pool, new Date(at))).toBe('start');
  });

  it('goes forward and never back, and keeps the mark of the queue', async () => {
    await saveGeneration(database.pool, 'first');
    await save(2n ** 60n, when(0));
    await save(7n, when(-hour));
    expect(await loadProgress(database.pool)).toEqual({
      position: 2n ** 60n,
      enqueuedAt: when(0),
      generation: 'first',
    });
    await saveGeneration(database.pool, 'second');
    expect(await loadProgress(database.pool)).toMatchObject({ position: 2n ** 60n, generation: 'second' });
  });

  it('is noted once a minute, and found again by time', async () => {
    for (let second = 0; second <= 180; second += 20) await save(BigInt(second), when(second * 1000));
    expect(await history()).toEqual([0, 60, 120, 180]);
    expect(await positionAt(database.pool, when(-1))).toBe('start');
    expect(await positionAt(database.pool, when(119_999))).toBe(60n);
    expect(await positionAt(database.pool, when(120_000))).toBe(120n);
  });

  it('forgets what no rewind can ask for, but not the last position before', async () => {
    for (let count = 0; count <= 30; count++) await save(BigInt(count), when(count * hour));
    expect((await history())[0]).toBe(3);
    expect(await positionAt(database.pool, when(5 * hour))).toBe(5n);
  });

  it('remembers a day before the last job, however long nothing happened since', async () => {
    for (let count = 0; count <= 30; count++) await save(BigInt(count), when(count * hour));
    for (let day = 2; day <= 10; day++) await save(BigInt(100 + day), when(day * 24 * hour), when(30 * hour));
    expect(await positionAt(database.pool, when(5 * hour))).toBe(5n);
  });
});

describe('work side by side', () => {
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('counts as done in the order in which it began', async () => {
    const window = enqueueWindow(10, new AbortController().signal);
    let endFirst: (finished: boolean) => void = () => undefined;
    await window.add(1n, new Promise((resolve) => (endFirst = resolve)));
    await window.add(2n, Promise.resolve(true));
    await window.add(3n, undefined);
    await settled();
    expect(window.done()).toBeUndefined();
    endFirst(true);
    await settled();
    expect(window.done()).toBe(3n);
  });

  it('is not done when it was given up', async () => {
    const window = enqueueWindow(10, new AbortController().signal);
    await window.add(1n, Promise.resolve(true));
    await window.add(2n, Promise.resolve(false));
    await window.add(3n, Promise.resolve(true));
    await settled();
    expect(window.done()).toBe(1n);
  });

  it('waits when there is too much of it, until there is room or all is over', async () => {
    const over = new AbortController();
    const window = enqueueWindow(2, over.signal);
    const ends: ((finished: boolean) => void)[] = [];
    const work = () => new Promise<boolean>((resolve) => ends.push(resolve));
    let added = 0;
    const adding = (async () => {
      for (let position = 1n; position <= 4n; position++) {
        await window.add(position, work());
        added += 1;
      }
    })();
    await settled();
    expect(added).toBe(1);
    ends[0]?.(true);
    await settled();
    expect(added).toBe(2);
    over.abort();
    await adding;
    expect(added).toBe(4);
    expect(window.done()).toBe(1n);
  });
});
