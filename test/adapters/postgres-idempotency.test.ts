import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { masterKeys } from '../../src/adapters/master-keys.ts';
import { loadIdempotencyKey, postgresIdempotency } from '../../src/adapters/postgres-idempotency.ts';
import { migrate } from '../../src/adapters/postgres-migrations.ts';
import { postgresVault } from '../../src/adapters/postgres-vault.ts';
import { freshDatabase } from './servers.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let idempotency: ReturnType<typeof postgresIdempotency>;
let now = new Date();
const clock = () => now;
const request = { key: 'key-1', scope: 'POST /v1/logins', fingerprint: '{"password":"secret"}' };
const answer = { status: 201, headers: { 'content-type': 'application/json' }, body: '{"token":"very-secret"}' };

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.pool);
  const vault = postgresVault({
    pool: database.pool,
    masterKeys: masterKeys({ current: randomBytes(32).toString('hex') }),
    clock,
  });
  idempotency = postgresIdempotency({ pool: database.pool, key: await loadIdempotencyKey(vault), clock });
});
afterAll(() => database.drop());
beforeEach(async () => {
  now = new Date('2026-01-02T03:04:05.678Z');
  await database.pool.query('truncate vault.idempotency');
});

const after = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1000);
};

async function running(of = request) {
  const begun = await idempotency.begin(of);
  if (begun.kind !== 'run') throw new Error(`Expected to run, got ${begun.kind}.`);
  return begun;
}

it('runs once and answers every repetition the same', async () => {
  await (await running()).finish(answer);
  expect(await idempotency.begin(request)).toEqual({ kind: 'replay', answer });
  after(60);
  expect(await idempotency.begin(request)).toEqual({ kind: 'replay', answer });
});

it('lets one of many at once run', async () => {
  const begun = await Promise.all(Array.from({ length: 8 }, () => idempotency.begin(request)));
  expect(begun.filter(({ kind }) => kind === 'run')).toHaveLength(1);
  expect(begun.filter(({ kind }) => kind === 'in-progress')).toHaveLength(7);
});

it('refuses another request under the same key, also one that came before it was answered', async () => {
  const run = await running();
  const other = { ...request, fingerprint: '{"password":"other"}' };
  expect(await idempotency.begin(other)).toEqual({ kind: 'mismatch' });
  await run.finish(answer);
  expect(await idempotency.begin(other)).toEqual({ kind: 'mismatch' });
});

it('keeps scopes apart', async () => {
  await (await running()).finish(answer);
  expect((await idempotency.begin({ ...request, scope: 'POST /v1/registrations' })).kind).toBe('run');
});

it('runs again after a run that was abandoned', async () => {
  await (await running()).abandon();
  expect((await idempotency.begin(request)).kind).toBe('run');
});

it('runs again 20 seconds after a run that crashed, whose late end then changes nothing', async () => {
  const crashed = await running();
  after(19);
  expect(await idempotency.begin(request)).toEqual({ kind: 'in-progress' });
  after(2);
  const second = await running();
  await crashed.abandon();
  await crashed.finish({ ...answer, status: 500 });
  expect(await idempotency.begin(request)).toEqual({ kind: 'in-progress' });
  await second.finish(answer);
  await crashed.abandon();
  expect(await idempotency.begin(request)).toEqual({ kind: 'replay', answer });
});

it('forgets after a day', async () => {
  await (await running()).finish(answer);
  after(24 * 60 * 60);
  expect((await idempotency.begin({ ...request, fingerprint: 'another' })).kind).toBe('run');
  expect(await idempotency.sweep()).toBe(0);
  after(24 * 60 * 60 + 1);
  expect(await idempotency.sweep()).toBe(1);
});

it('stores neither key, request nor answer in the clear', async () => {
  await (await running()).finish(answer);
  const { rows } = await database.pool.query<object>('select * from vault.idempotency');
  const bytes = rows.flatMap((row): unknown[] => Object.values(row)).filter((value) => Buffer.isBuffer(value));
  expect(bytes).toHaveLength(3);
  for (const value of bytes) expect(value.toString('latin1')).not.toMatch(/secret|key-1|password/);
});
