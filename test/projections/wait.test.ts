import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { teams } from '../../src/projections/teams.ts';
import { users } from '../../src/projections/users.ts';
import { waitForPosition } from '../../src/projections/wait.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { testLog, type TestLog } from './log.ts';
import { register } from './story.ts';
import { start, type Running } from './support.ts';

let database: TestDatabase;
let log: TestLog;
let running: Running;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  const schemas = [users, teams].map(({ name, version }) => `rm_${name}_v${String(version)}`);
  const drops = schemas.map((schema) => `drop schema if exists ${schema} cascade`);
  await database.pool.query(['truncate engine.projection_checkpoint cascade', ...drops].join('; '));
  log = testLog();
  running = start(database.pool, log, [users, teams]);
  await running.caughtUp();
});
afterEach(() => running.stop());

const names = ['users', 'teams'];

test('a reader is let through as soon as every read model it names has arrived', async () => {
  register(log, 1);
  expect(await waitForPosition(database.pool, names, log.head, 2000)).toBe(true);
  expect(await waitForPosition(database.pool, names, 0n, 2000)).toBe(true);
});

test('a reader of a position that does not come is told so at the deadline', async () => {
  const begun = performance.now();
  expect(await waitForPosition(database.pool, names, log.head + 1000n, 100)).toBe(false);
  expect(performance.now() - begun).toBeLessThan(1000);
  expect(await waitForPosition(database.pool, ['no such model'], 0n, 20)).toBe(false);
});

test('a reader that goes away does not wait on', async () => {
  const gone = AbortSignal.abort();
  expect(await waitForPosition(database.pool, names, log.head + 1000n, 60_000, gone)).toBe(false);
});

test('many wait at once on one query at a time', async () => {
  let queries = 0;
  const { pool } = database;
  const counted = async (...args: [string]) => {
    queries += 1;
    return pool.query(...args);
  };
  const counting = Object.create(pool, { query: { value: counted } }) as typeof pool;
  const target = log.head + 7n * 2n * 50n;
  const begun = performance.now();
  const waiting = Array.from({ length: 500 }, (_, n) => waitForPosition(counting, names, target - BigInt(n % 7), 5000));
  for (let n = 1; n <= 50; n += 1) register(log, n);
  expect(await Promise.all(waiting)).toEqual(Array<boolean>(500).fill(true));
  expect(queries).toBeLessThan((performance.now() - begun) / 5 + 3);
});
