import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { longReads, reachableDatabase } from '../../src/adapters/postgres-database.ts';
import { postgresPools, type Pools } from '../../src/adapters/postgres-pools.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { breakable, type BreakableServer } from './servers.ts';

let fresh: FreshDatabase;
let wire: BreakableServer;
let pools: Pools;

beforeAll(async () => {
  fresh = await freshDatabase();
  wire = await breakable(fresh.url);
  pools = postgresPools(wire.url, () => undefined);
});
afterAll(async () => {
  await wire.close();
  await pools.end();
  await fresh.drop();
});

const recovered = { timeout: 15_000, interval: 50 };

async function timed(run: () => Promise<unknown>): Promise<{ ms: number; error: unknown }> {
  const before = performance.now();
  const error = await run().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { ms: performance.now() - before, error };
}

describe('a database that keeps silent', () => {
  it('is given up on once for all, and asked again when it is back', async () => {
    const pool = pools.requests(3);
    const database = reachableDatabase(pool);
    const ask = () => database.query('select 1');
    await Promise.all([ask(), ask(), ask()]);
    wire.hang();
    const first = await Promise.all(Array.from({ length: 10 }, () => timed(ask)));
    for (const { ms, error } of first) {
      expect(error).toMatchObject({ name: 'Unavailable', what: 'database' });
      expect(ms).toBeLessThan(2500);
    }
    expect(database.status()).toBe('open');
    expect((await timed(ask)).ms).toBeLessThan(200);
    // Connections with a question that was never answered are not used again.
    await expect.poll(() => pool.totalCount, recovered).toBe(0);

    await wire.heal();
    await expect.poll(async () => (await timed(ask)).error, recovered).toBeUndefined();
    expect(database.status()).toBe('closed');
  });

  it('is noticed by long reads as soon as by all others', async () => {
    const database = reachableDatabase(pools.requests(2));
    const reports = longReads(database, pools.reports());
    await reports.query('select 1');
    wire.hang();
    const { ms, error } = await timed(() => reports.query('select pg_sleep(10)'));
    expect(error).toMatchObject({ name: 'Unavailable', what: 'database' });
    expect(ms).toBeLessThan(2500);
    await wire.heal();
    await expect.poll(async () => (await timed(() => reports.query('select 1'))).error, recovered).toBeUndefined();
  });
});

describe('a statement that takes too long', () => {
  it('is ended by the server in a pool for requests, without an outage for the others', async () => {
    const database = reachableDatabase(pools.requests(2));
    const { ms, error } = await timed(() => database.query('select pg_sleep(30)'));
    expect(error).toMatchObject({ name: 'Unavailable', what: 'database' });
    expect(ms).toBeLessThan(2500);
    expect(database.status()).toBe('closed');
    expect((await timed(() => database.query('select 1'))).error).toBeUndefined();
    const { rows } = await fresh.pool.query("select 1 from pg_stat_activity where query = 'select pg_sleep(30)'");
    expect(rows).toHaveLength(0);
  });

  it('is left alone in the pools for reports and for projectors', async () => {
    const reports = longReads(reachableDatabase(pools.requests(2)), pools.reports());
    const patient = pools.patient(1);
    const all = [reports.query('select pg_sleep(2)'), patient.query('select pg_sleep(2)')];
    expect((await Promise.all(all)).map(({ rowCount }) => rowCount)).toEqual([1, 1]);
  });
});

it('more than so many do not wait for a connection', async () => {
  const database = reachableDatabase(pools.requests(1));
  const slow = () => timed(() => database.query('select pg_sleep(0.01)'));
  const all = await Promise.all(Array.from({ length: 90 }, slow));
  const refused = all.filter(({ ms, error }) => error !== undefined && ms < 200);
  expect(refused.length).toBeGreaterThanOrEqual(15);
  for (const { ms } of all) expect(ms).toBeLessThan(2500);
});
