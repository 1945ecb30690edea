import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { all as everyProjection } from './everything.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { testLog, type TestLog } from './log.ts';
import { login, person, register, startLogin, completeLogin, verify, time } from './story.ts';
import { lockHolder, rowsOf, start, until, type Running } from './support.ts';
import { projectionLock } from '../../src/projections/lock.ts';
import { projectionStatus } from '../../src/projections/status.ts';
import { createActive } from '../../src/projections/schema.ts';
import { users } from '../../src/projections/users.ts';
import { sessions } from '../../src/projections/sessions.ts';
import { auditLog } from '../../src/projections/audit-log.ts';

let database: TestDatabase;
let log: TestLog;
const running: Running[] = [];

beforeEach(async () => {
  database = await freshDatabase();
  log = testLog();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((run) => run.stop()));
  await database.drop();
});

const run = (...args: Parameters<typeof start>): Running => {
  const started = start(...args);
  running.push(started);
  return started;
};

function aDay(people: number): void {
  for (let n = 1; n <= people; n += 1) {
    register(log, n);
    verify(log, n);
    startLogin(log, n, 1);
    completeLogin(log, n, 1);
  }
}

const count = async (table: string) => {
  const { rows } = await database.pool.query<{ count: string }>(`select count(*) from read_model.${table}`);
  return Number(rows[0]?.count);
};

test('tables of a new projection are made once, however many try at the same time', async () => {
  const clients = await Promise.all(Array.from({ length: 5 }, () => database.pool.connect()));
  const made = await Promise.all(clients.map((sql) => createActive(sql, users)));
  for (const client of clients) client.release(true);
  expect(new Set(made.map(({ schema }) => schema))).toEqual(new Set([`rm_users_v${String(users.version)}`]));
});

describe('a running projection', () => {
  test('has a row for each thing that happened before and after it started', async () => {
    aDay(300);
    const projector = run(database.pool, log, everyProjection);
    await projector.caughtUp();
    register(log, 301);
    await projector.caughtUp();
    expect(await count('users')).toBe(301);
    expect(await count('sessions')).toBe(300);
    expect(await count('audit_log')).toBe(log.recorded.length);
    const status = await projectionStatus(database.pool, log.head);
    expect(status.map(({ name, status: is, lag }) => [name, is, lag])).toEqual(
      everyProjection.map(({ name }) => [name, 'live', 0n]),
    );
  });

  test('commits a single live event within milliseconds', async () => {
    const projector = run(database.pool, log, [users]);
    await projector.caughtUp();
    register(log, 1);
    await projector.caughtUp();
    const delays: number[] = [];
    for (let n = 2; n <= 60; n += 1) {
      const begun = performance.now();
      register(log, n);
      await until(async () => (await count('users')) >= n, 'the user is there');
      delays.push(performance.now() - begun);
    }
    delays.sort((a, b) => a - b);
    // Polling every 5 ms is part of it.
    expect(delays[30]).toBeLessThan(25);
  });

  test('applies nothing twice and loses nothing when it stops and starts between batches', async () => {
    aDay(40);
    for (let stops = 0; stops < 5; stops += 1) {
      const projector = run(database.pool, log, [users, auditLog]);
      aDay(3);
      await until(async () => (await projectionStatus(database.pool)).length === 2, 'both have begun');
      await projector.stop();
    }
    await run(database.pool, log, [users, auditLog]).caughtUp();
    expect(await count('audit_log')).toBe(log.recorded.length);
  });

  test('gives the same rows when every event is applied a second time', async () => {
    aDay(20);
    const first = run(database.pool, log, everyProjection);
    await first.caughtUp();
    await first.stop();
    const rows = await Promise.all(everyProjection.map((projection) => rowsOf(database.pool, projection)));
    await database.pool.query('update engine.projection_checkpoint set position = null, event_position = null');
    await run(database.pool, log, everyProjection).caughtUp();
    expect(await Promise.all(everyProjection.map((projection) => rowsOf(database.pool, projection)))).toEqual(rows);
  });

  test('is taken over by another process when its connection dies, with nothing lost or doubled', async () => {
    const batches: string[] = [];
    const one = run(database.pool, log, [auditLog], { onBatch: () => batches.push('one') });
    await one.caughtUp();
    run(database.pool, log, [auditLog], { onBatch: () => batches.push('two') });
    // Who is first to see the lock free is chance: until both have been, and six times at least.
    for (let round = 0; round < 6 || (round < 60 && new Set(batches).size < 2); round += 1) {
      aDay(5);
      const holder = await lockHolder(database.pool, projectionLock('audit_log'));
      aDay(5);
      await database.pool.query('select pg_terminate_backend($1)', [holder]);
      aDay(5);
      await until(
        async () => ![undefined, holder].includes(await lockHolder(database.pool, projectionLock('audit_log'))),
        'somebody else holds the lock',
      );
    }
    await one.caughtUp();
    expect(await count('audit_log')).toBe(log.recorded.length);
    expect(new Set(batches)).toEqual(new Set(['one', 'two']));
  });

  test('works in one process only', async () => {
    const batches: string[] = [];
    const one = run(database.pool, log, [users], { onBatch: () => batches.push('one') });
    await one.caughtUp();
    run(database.pool, log, [users], { onBatch: () => batches.push('two') });
    aDay(20);
    await one.caughtUp();
    expect(batches).not.toContain('two');
    await one.stop();
    register(log, 99);
    await until(() => batches.includes('two'), 'the other one has taken over');
  });

  test('goes on by itself after the log was away', async () => {
    const projector = run(database.pool, log, [sessions]);
    aDay(3);
    await projector.caughtUp();
    log.goAway();
    aDay(3);
    await until(async () => (await projectionStatus(database.pool))[0]?.status !== 'live', 'the failure is visible');
    log.comeBack();
    completeLogin(log, 1, 2);
    await projector.caughtUp();
    const { rows } = await database.pool.query('select 1 from read_model.sessions where session_id = $1', [
      login(1, 2).sessionId,
    ]);
    expect(rows).toHaveLength(1);
  });

  test('never writes after another has moved its checkpoint', async () => {
    const projector = run(database.pool, log, [users]);
    register(log, 1);
    await projector.caughtUp();
    // A former owner that woke up late would find exactly this.
    await database.pool.query(`update engine.projection_checkpoint set position = null, event_position = null`);
    await database.pool.query(`delete from read_model.users`);
    register(log, 2);
    await projector.caughtUp();
    expect(await count('users')).toBe(2);
  });

  test('moves its position along with events and filter checkpoints that change no row', async () => {
    const projector = run(database.pool, log, [users]);
    const { userId } = person(1);
    const data = { sessionId: login(1, 1).sessionId, userId, teamId: person(1).teamId, generation: 1, at: time(1) };
    log.append(`sessions-${userId}`, { type: 'SessionRefreshed', data });
    await projector.caughtUp();
    log.checkpoint();
    await projector.caughtUp();
    const [status] = await projectionStatus(database.pool);
    expect(status?.position).toBe(log.head);
  });
});
