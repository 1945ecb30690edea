import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Pool, PoolClient } from 'pg';

import { isDatabaseOutage } from './postgres-database.ts';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/** Waiting does not help: the files do not fit the database, or the database does not accept them. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

/** Both `src/adapters` and `dist/adapters` lie two folders below the root of the package. */
const migrationsFolder = new URL('../../migrations/', import.meta.url);
const fileName = /^(\d{4})_([a-z0-9_]+)\.sql$/;
/** Any number that nothing else in the database locks: only one process migrates at a time. */
const lockNumber = 4_021_774_118;

/**
 * Applies what is new in `migrations/`, forward only, each file in a transaction of its own. Refuses when a file that
 * was applied has changed or is gone: throws `MigrationRefused`.
 */
export async function migrate(
  pool: Pool,
  { folder = migrationsFolder }: { folder?: URL } = {},
): Promise<{ applied: readonly string[] }> {
  const migrations = await readMigrations(folder);
  const sql = await pool.connect();
  try {
    await sql.query('select pg_advisory_lock($1)', [lockNumber]);
    try {
      return { applied: await applyNew(sql, migrations) };
    } finally {
      // Where the connection is lost, so is the lock.
      await sql.query('select pg_advisory_unlock($1)', [lockNumber]).catch(() => undefined);
    }
  } finally {
    sql.release();
  }
}

async function readMigrations(folder: URL): Promise<readonly Migration[]> {
  const names = (await readdir(fileURLToPath(folder))).filter((name) => name.endsWith('.sql')).sort();
  const migrations = await Promise.all(names.map((name) => readMigration(folder, name)));
  const twice = migrations.find(({ version }, index) => migrations[index - 1]?.version === version);
  if (twice) throw new MigrationRefused(`Two migrations have the number of ${twice.name}.`);
  return migrations;
}

async function readMigration(folder: URL, name: string): Promise<Migration> {
  const number = fileName.exec(name)?.[1];
  if (number === undefined) throw new MigrationRefused(`The migration ${name} must be named like 0001_words.sql.`);
  const sql = await readFile(new URL(name, folder), 'utf8');
  return { version: Number(number), name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
}

async function applyNew(sql: PoolClient, migrations: readonly Migration[]): Promise<readonly string[]> {
  await sql.query('create schema if not exists service');
  await sql.query(
    `create table if not exists service.migration (
       version integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())`,
  );
  const { rows } = await sql.query<{ version: number; name: string; sha256: string }>(
    'select version, name, sha256 from service.migration order by version',
  );
  for (const applied of rows) {
    const file = migrations.find(({ version }) => version === applied.version);
    if (file?.sha256 === applied.sha256) continue;
    const how = file ? 'has changed since' : 'is not part of this release';
    throw new MigrationRefused(`The migration ${applied.name} was applied and ${how}.`);
  }
  const highest = rows.at(-1)?.version ?? 0;
  const pending = migrations.filter(({ version }) => !rows.some((applied) => applied.version === version));
  const late = pending.find(({ version }) => version < highest);
  if (late)
    throw new MigrationRefused(
      `The migration ${late.name} comes before one that was applied: give it a higher number.`,
    );
  for (const migration of pending) await apply(sql, migration);
  return pending.map(({ name }) => name);
}

async function apply(sql: PoolClient, migration: Migration): Promise<void> {
  await sql.query('begin');
  try {
    await sql.query(migration.sql);
    await sql.query('insert into service.migration (version, name, sha256) values ($1, $2, $3)', [
      migration.version,
      migration.name,
      migration.sha256,
    ]);
    await sql.query('commit');
  } catch (error) {
    await sql.query('rollback').catch(() => undefined);
    throw isDatabaseOutage(error)
      ? error
      : new MigrationRefused(`The migration ${migration.name} failed.`, { cause: error });
  }
}
