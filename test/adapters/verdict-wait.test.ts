import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { masterKeys } from '../../src/adapters/master-keys.ts';
import { loadIdempotencyKey, postgresIdempotency } from '../../src/adapters/postgres-idempotency.ts';
import { migrate } from '../../src/adapters/postgres-migrations.ts';
import { postgresSnapshots } from '../../src/adapters/postgres-snapshots.ts';
import { postgresVault } from '../../src/adapters/postgres-vault.ts';
import { passwordWorld } from '../application/password-world.ts';
import { freshDatabase } from './servers.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.pool);
  pool = new Pool({ connectionString: database.url, max: 1 });
  pool.on('error', () => undefined);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

it('a login that waits for the verdict on its place holds no connection of the pool', async () => {
  const clock = () => new Date();
  const keys = masterKeys({ current: randomBytes(32).toString('hex') });
  const { credentials, serviceKeys } = postgresVault({ pool, masterKeys: keys, clock });
  const idempotency = postgresIdempotency({ pool, key: await loadIdempotencyKey({ serviceKeys }), clock });
  const duringTheWait: object[] = [];
  const pause = async (milliseconds: number) => {
    const inUse = pool.totalCount - pool.idleCount;
    const { rows } = await pool.query<{ answered: boolean }>('select true as answered');
    duringTheWait.push({ inUse, waiting: pool.waitingCount, ...rows[0] });
    world.later(milliseconds);
  };
  const geoIp = { locate: () => Promise.resolve(null) };
  const snapshots = postgresSnapshots({ pool });
  const world = await passwordWorld({ geoIp, pause, snapshots, credentials });

  const run = await idempotency.begin({ key: 'key-1', scope: 'POST /v1/logins', fingerprint: '{}' });
  const { view } = await world.startLogin();
  if (run.kind !== 'run') throw new Error(run.kind);
  await run.finish({ status: 200, headers: {}, body: JSON.stringify(view) });

  expect(duringTheWait.length).toBeGreaterThan(10);
  expect(new Set(duringTheWait.map((seen) => JSON.stringify(seen)))).toEqual(
    new Set([JSON.stringify({ inUse: 0, waiting: 0, answered: true })]),
  );
  expect(world.events('LoginClearedWithoutGeo').at(-1)?.event.data).toMatchObject({ reason: 'timeout' });
});
