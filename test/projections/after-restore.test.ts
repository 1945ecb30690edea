import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../../src/adapters/postgres-migrations.ts';
import { finishRestore } from '../../src/cli/restore.ts';
import { auditLog } from '../../src/projections/audit-log.ts';
import { prepareReadModels } from '../../src/projections/prepare.ts';
import { users } from '../../src/projections/users.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { testLog, type TestLog } from './log.ts';
import { person, register, verify } from './story.ts';
import { start, type Running } from './support.ts';

const own = [auditLog, users];
let database: FreshDatabase;
let log: TestLog;
const running: Running[] = [];

beforeEach(async () => {
  database = await freshDatabase();
  await migrate(database.pool);
  log = testLog();
  for (const n of [1, 2, 3]) registered(log, n);
  await projected(log);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((run) => run.stop()));
  await database.drop();
});

function registered(to: TestLog, n: number): void {
  register(to, n);
  verify(to, n);
}

async function projected(from: TestLog): Promise<void> {
  const run = start(database.pool, from, own);
  running.push(run);
  await run.caughtUp();
}

/** What else stands in the database once the log is there up to `head`. */
async function derived(head: bigint): Promise<void> {
  const sql = database.pool;
  await sql.query(`insert into service.snapshots values ('user-1', 1, 0, $1, '{}'), ('user-2', 1, 0, 1, '{}')`, [head]);
  await sql.query(`update proof.log set position = $1, size = 1`, [head]);
  await sql.query(`insert into proof.leaf values (0, '\\x00', gen_random_uuid(), $1)`, [head]);
  await sql.query(`insert into engine.reaction_checkpoint (name, position) values ('jobs', $1)`, [head]);
  await sql.query(`insert into engine.reaction_history values ('jobs', now(), $1)`, [head]);
  await sql.query(
    `insert into vault.idempotency (key_hash, fingerprint, run, started_at, expires_at)
     values ('\\x01', '\\x01', gen_random_uuid(), now(), now())`,
  );
}

async function finish(head: bigint | undefined): Promise<string> {
  for (const run of running.splice(0)) await run.stop();
  const out = new PassThrough();
  await finishRestore({ pool: database.pool, head: () => Promise.resolve(head), out });
  return String(out.read());
}

const all = async (text: string) => (await database.pool.query<Record<string, unknown>>(text)).rows;

test('what was made from events that the restored log does not have is emptied, and made anew from the log', async () => {
  await derived(log.head);
  const shorter = testLog();
  registered(shorter, 1);
  const said = await finish(shorter.head);
  expect(said).toContain('read models, made anew at the next start: audit_log, users\n');
  expect(said).toContain('the tree of the audit log');
  expect(said).toContain('1 snapshots\n');
  expect(said).toContain('1 answers kept for repeated requests\n');
  expect(await all('select stream from service.snapshots')).toEqual([{ stream: 'user-2' }]);
  expect(await all('select 1 from proof.leaf')).toEqual([]);
  expect(await all('select position, size from proof.log')).toEqual([{ position: null, size: '0' }]);
  const at = [{ position: String(shorter.head) }];
  expect(await all('select position from engine.reaction_checkpoint')).toEqual(at);
  expect(await all('select position from engine.reaction_history')).toEqual(at);
  // The log goes on with other people at the positions that the lost ones had.
  for (const n of [7, 8, 9]) registered(shorter, n);
  await prepareReadModels(database.pool, own, new AbortController().signal);
  await projected(shorter);
  const ids = (await all('select user_id from read_model.users order by 1')).map((row) => row['user_id']);
  expect(ids).toEqual([1, 7, 8, 9].map((n) => person(n).userId));
});

test('a database that is not ahead of the log keeps all it has', async () => {
  await derived(log.head);
  const said = await finish(log.head);
  expect(said).toBe(`The log ends at ${String(log.head)}.\nNothing in the database is ahead of it.\n`);
  expect(await all('select 1 from service.snapshots')).toHaveLength(2);
  expect(await all('select 1 from proof.leaf')).toHaveLength(1);
  expect(await all('select 1 from vault.idempotency')).toHaveLength(1);
  expect(await all('select 1 from read_model.users')).toHaveLength(3);
});

test('beside an empty log everything is emptied', async () => {
  await derived(log.head);
  expect(await finish(undefined)).toContain('The log ends at its start.\n');
  expect(await all('select position from engine.reaction_checkpoint')).toEqual([{ position: null }]);
  expect(await all('select 1 from engine.projection_checkpoint')).toEqual([]);
  expect(await all('select 1 from service.snapshots')).toEqual([]);
});
