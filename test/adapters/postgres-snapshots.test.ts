import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { migrate } from '../../src/adapters/postgres-migrations.ts';
import { postgresSnapshots } from '../../src/adapters/postgres-snapshots.ts';
import { freshDatabase } from './servers.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.pool);
});
afterAll(() => database.drop());

it('keeps the newest state of a stream for each version of the state', async () => {
  const snapshots = postgresSnapshots({ pool: database.pool });
  const highest = 2n ** 63n - 1n;
  expect(await snapshots.load('team-1', 1)).toBeUndefined();
  await snapshots.save('team-1', 1, { state: ['text', null], revision: 5n, position: 9n });
  await snapshots.save('team-1', 1, { state: { members: {} }, revision: 7n, position: highest });
  await snapshots.save('team-1', 1, { state: { members: { late: true } }, revision: 6n, position: 10n });
  expect(await snapshots.load('team-1', 1)).toEqual({ state: { members: {} }, revision: 7n, position: highest });
  expect(await snapshots.load('team-1', 2)).toBeUndefined();
  expect(await snapshots.load('team-2', 1)).toBeUndefined();
});

it('are passed over while the database does not answer', async () => {
  const pool = new Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
  const snapshots = postgresSnapshots({ pool });
  await snapshots.save('team-1', 1, { state: {}, revision: 5n, position: 9n });
  expect(await snapshots.load('team-1', 1)).toBeUndefined();
  await pool.end();
});
