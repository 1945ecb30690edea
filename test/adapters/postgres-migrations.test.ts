import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, it, onTestFinished } from 'vitest';

import { migrate, MigrationRefused } from '../../src/adapters/postgres-migrations.ts';
import { freshDatabase } from './servers.ts';

let folder: URL;

beforeEach(async () => {
  folder = pathToFileURL(`${await mkdtemp(join(tmpdir(), 'migrations-'))}/`);
});

const write = (name: string, sql: string) => writeFile(new URL(name, folder), sql);

async function database() {
  const { pool, drop } = await freshDatabase();
  onTestFinished(drop);
  return pool;
}

it('brings an empty database up to date, once', async () => {
  const pool = await database();
  const first = await migrate(pool);
  expect(first.applied).toContain('0001_vault.sql');
  expect(await migrate(pool)).toEqual({ applied: [] });
  await pool.query('select 1 from vault.subject_keys, vault.service_keys, service.snapshots, vault.idempotency');
});

it('lets several processes start at once', async () => {
  const pool = await database();
  await write('0001_one.sql', 'create table one (id int)');
  await write('0002_two.sql', 'create table two (id int); insert into two values (2)');
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => migrate(pool, { folder })));
  expect(outcomes.flatMap(({ applied }) => applied)).toEqual(['0001_one.sql', '0002_two.sql']);
  expect((await pool.query('select * from two')).rowCount).toBe(1);
});

it('refuses a file that changed after it was applied', async () => {
  const pool = await database();
  await write('0001_one.sql', 'create table one (id int)');
  await migrate(pool, { folder });
  await write('0001_one.sql', 'create table one (id bigint)');
  await expect(migrate(pool, { folder })).rejects.toThrow(MigrationRefused);
  await expect(migrate(pool, { folder })).rejects.toThrow('0001_one.sql was applied and has changed since');
});

it('refuses a database of a later release, a late number and a number given twice', async () => {
  const pool = await database();
  await write('0002_two.sql', 'create table two (id int)');
  await migrate(pool, { folder });
  await write('0001_one.sql', 'create table one (id int)');
  await expect(migrate(pool, { folder })).rejects.toThrow('give it a higher number');
  await write('0002_again.sql', 'select 1');
  await expect(migrate(pool, { folder })).rejects.toThrow('Two migrations have the number');
  await expect(migrate(pool)).rejects.toThrow('0002_two.sql was applied and');
});

it('leaves nothing of a file that fails, and keeps those before it', async () => {
  const pool = await database();
  await write('0001_one.sql', 'create table one (id int)');
  await write('0002_two.sql', 'create table two (id int); select no_such_function()');
  await expect(migrate(pool, { folder })).rejects.toThrow(MigrationRefused);
  const { rows } = await pool.query<{ one: string | null; two: string | null }>(
    `select to_regclass('one')::text as one, to_regclass('two')::text as two`,
  );
  expect(rows).toEqual([{ one: 'one', two: null }]);
  await write('0002_two.sql', 'create table two (id int)');
  expect(await migrate(pool, { folder })).toEqual({ applied: ['0002_two.sql'] });
});
