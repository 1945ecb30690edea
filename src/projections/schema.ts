import type { ClientBase } from 'pg';
import { activeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { tablesOf, type Projection } from './projection.ts';
import { inTransaction } from './transaction.ts';

/** Creates the tables of a projection nobody has run yet, as the active ones; many may try at once. */
export async function createActive(sql: ClientBase, projection: Projection): Promise<Checkpoint> {
  return inTransaction(sql, async () => {
    await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`mbauth create ${projection.name}`]);
    const existing = await activeCheckpoint(sql, projection.name);
    if (existing) return existing;
    const schema = await createTables(sql, projection, true);
    await sql.query(projection.indexes);
    await createViews(sql, projection, schema);
    return { schema, version: projection.version, position: undefined, eventPosition: undefined };
  });
}

/** Creates tables beside the active ones; indexes follow when they are loaded. */
export async function createBuild(sql: ClientBase, projection: Projection): Promise<Checkpoint> {
  return inTransaction(sql, async () => {
    await dropUnfinishedBuilds(sql, projection.name, '');
    const schema = await createTables(sql, projection, false);
    return { schema, version: projection.version, position: undefined, eventPosition: undefined };
  });
}

async function createTables(sql: ClientBase, projection: Projection, active: boolean): Promise<string> {
  const schema = await freeSchemaName(sql, projection);
  await sql.query(`create schema ${schema}; set local search_path to ${schema}; ${projection.schema}`);
  await sql.query(
    `insert into engine.projection_checkpoint (schema, name, version, active, status) values ($1, $2, $3, $4, $5)`,
    [schema, projection.name, projection.version, active, active ? 'catching-up' : 'building'],
  );
  return schema;
}

async function freeSchemaName(sql: ClientBase, { name, version }: Projection): Promise<string> {
  const plain = `rm_${name}_v${version}`;
  const { rows } = await sql.query<{ taken: boolean; build: string }>(
    `select to_regnamespace($1) is not null as taken, nextval('engine.build_number') as build`,
    [plain],
  );
  return rows[0]?.taken ? `${plain}_b${rows[0].build}` : plain;
}

/** What rebuilds left behind, but for the one that goes on. The caller holds the rebuild lock: nobody works on them. */
export async function dropUnfinishedBuilds(sql: ClientBase, name: string, kept: string): Promise<void> {
  const { rows } = await sql.query<{ schema: string }>(
    'delete from engine.projection_checkpoint where name = $1 and not active and schema <> $2 returning schema',
    [name, kept],
  );
  for (const { schema } of rows) await sql.query(`drop schema if exists ${schema} cascade`);
}

export async function dropViews(sql: ClientBase, projection: Projection): Promise<void> {
  for (const table of tablesOf(projection)) await sql.query(`drop view if exists read_model.${table}`);
}

export async function createViews(sql: ClientBase, projection: Projection, schema: string): Promise<void> {
  for (const table of tablesOf(projection)) {
    await sql.query(`create view read_model.${table} as select * from ${schema}.${table}`);
  }
}

/** From now on unqualified names on this connection are the tables of this build. */
export const useSchema = (sql: ClientBase, schema: string) => sql.query(`set search_path to ${schema}`);
