import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PoolClient } from 'pg';
import { rowLoader, type LoadRows } from '../../src/projections/load.ts';
import type { Row } from '../../src/projections/projection.ts';
import { inTransaction } from '../../src/projections/transaction.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { until } from './support.ts';

const columns = ['id', 'words', 'facts', 'grants', 'flag', 'at'];

let database: TestDatabase;
let sql: PoolClient;

beforeEach(async () => {
  database = await freshDatabase();
  sql = await database.pool.connect();
  await sql.query(`create schema loading; set search_path to loading; set timezone = 'UTC';
    create table things (id bigint primary key, words text, facts jsonb, grants text[], flag boolean, at timestamptz);
    create table merged (like things)`);
});
afterEach(async () => {
  sql.release(true);
  await database.drop();
});

const awkward = ['', 'plain', '\\N', '\\.', 'a\tb\nc\rd\\e', 'ä€😀', '"', "'", '{}', 'null', '\u0001', ' x '];

const rowOf = (n: number): Row => {
  const word = awkward[n % awkward.length] ?? '';
  return {
    id: String(n),
    words: n % 7 === 0 ? null : word,
    facts: [{ a: [word, null, { b: n }] }, word, n, [], null][n % 5],
    grants: [[], [word], [word, 'b,c', 'd"e\\f'], null][n % 4],
    flag: [true, false, null][n % 3],
    at: n % 2 === 0 ? '2026-01-02T03:04:05.678Z' : null,
  };
};
const rowsFrom = (first: number, count = 120) => Array.from({ length: count }, (_, n) => rowOf(first + n));

const loaded = (load: LoadRows, rows: readonly Row[]) => inTransaction(sql, () => load('things', columns, rows));

async function contents(table: string) {
  const { rows } = await sql.query<{ row: string }>(`select t::text as row from ${table} t order by id`);
  return rows.map(({ row }) => row);
}

test('loaded rows are those that JSON would have made, whatever stands in them', async () => {
  const rows = rowsFrom(0);
  expect(await loaded(rowLoader(sql), rows)).toBe(true);
  await sql.query('insert into merged select * from json_populate_recordset(null::merged, $1::json)', [
    JSON.stringify(rows),
  ]);
  expect(await contents('things')).toEqual(await contents('merged'));
});

test('where one key is there already nothing is loaded, and that table is left to be merged from then on', async () => {
  const load = rowLoader(sql);
  expect(await loaded(load, rowsFrom(0))).toBe(true);
  expect(await loaded(load, rowsFrom(119))).toBe(false);
  expect(await contents('things')).toHaveLength(120);
  expect(await loaded(load, rowsFrom(1000))).toBe(false);
  expect(await contents('things')).toHaveLength(120);
});

test('a value that the table refuses is told by its kind, so that the event behind it can be found', async () => {
  const rows = [...rowsFrom(0), { ...rowOf(500), at: 'some day' }];
  await expect(loaded(rowLoader(sql), rows)).rejects.toMatchObject({ code: '22007' });
  await expect(loaded(rowLoader(sql), [{ ...rowOf(1), words: 'a\0b' }, ...rowsFrom(2)])).rejects.toMatchObject({
    code: '22021',
  });
  expect(await contents('things')).toEqual([]);
  expect(await loaded(rowLoader(sql), rowsFrom(0))).toBe(true);
});

test('a connection that dies in the middle is told, not waited for', async () => {
  sql.on('error', () => undefined);
  const { rows } = await sql.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = rows[0]?.pid ?? 0;
  const other = await database.pool.connect();
  try {
    await other.query('begin; lock table loading.things in access exclusive mode');
    const load = rowLoader(sql);
    const loading = expect(inTransaction(sql, () => load('things', columns, rowsFrom(0)))).rejects.toThrow();
    await until(async () => {
      const waiting = `select 1 from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'`;
      return (await other.query(waiting, [pid])).rows.length === 1;
    }, 'the rows wait for the table');
    await other.query('select pg_terminate_backend($1)', [pid]);
    await loading;
  } finally {
    await other.query('rollback');
    other.release();
  }
});
