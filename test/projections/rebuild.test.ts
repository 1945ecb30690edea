import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Projection } from '../../src/projections/projection.ts';
import { auditLog } from '../../src/projections/audit-log.ts';
import { rebuildLock } from '../../src/projections/lock.ts';
import { rebuildProjections, type RebuildOptions } from '../../src/projections/rebuild.ts';
import { projectionStatus } from '../../src/projections/status.ts';
import { teams } from '../../src/projections/teams.ts';
import { users } from '../../src/projections/users.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { all } from './everything.ts';
import { testLog, type TestLog } from './log.ts';
import { completeLogin, register, startLogin, verify } from './story.ts';
import { lockHolder, rowsOf, silent, start, until, type Running } from './support.ts';

let database: TestDatabase;
let log: TestLog;
const running: Running[] = [];
let people = 0;

beforeEach(async () => {
  database = await freshDatabase();
  log = testLog();
  people = 0;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((run) => run.stop()));
  await database.drop();
});

function more(count: number): void {
  for (const last = people + count; people < last;) {
    people += 1;
    register(log, people);
    verify(log, people);
    startLogin(log, people, 1);
    completeLogin(log, people, 1);
  }
}

const run = (projections: readonly Projection[]) => {
  const started = start(database.pool, log, projections);
  running.push(started);
  return started;
};

const rebuild = (projections: readonly Projection[], options: Partial<RebuildOptions> = {}) =>
  rebuildProjections({
    projections,
    pool: database.pool,
    subscribe: log.subscribe,
    signal: new AbortController().signal,
    logger: silent,
    ...options,
  });

const schemas = async () => {
  const { rows } = await database.pool.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname like 'rm\\_%' order by 1`,
  );
  return rows.map(({ name }) => name);
};

describe('a rebuild', () => {
  test('gives the same rows as the live tables had, says so, and leaves nothing behind', async () => {
    more(200);
    const projector = run(all);
    await projector.caughtUp();
    const before = await Promise.all(all.map((projection) => rowsOf(database.pool, projection)));
    const reports = await rebuild(all);
    expect(await Promise.all(all.map((projection) => rowsOf(database.pool, projection)))).toEqual(before);
    expect(reports.flatMap(({ tables }) => tables).every(({ same }) => same)).toBe(true);
    expect(reports.find(({ projection }) => projection === 'users')?.tables).toEqual([
      { table: 'users', rowsBefore: 200, rowsAfter: 200, same: true },
    ]);
    expect(await schemas()).toHaveLength(all.length);
    more(1);
    await projector.caughtUp();
    const { rows } = await database.pool.query('select 1 from read_model.users');
    expect(rows).toHaveLength(201);
  });

  test('repairs rows that differ, and says which table did', async () => {
    more(20);
    await run([users, teams]).caughtUp();
    await database.pool.query(`update read_model.teams set name = 'changed by hand' where name = 'Team 3'`);
    const reports = await rebuild([users, teams]);
    const different = reports.flatMap(({ tables }) => tables).filter(({ same }) => !same);
    expect(different.map(({ table }) => table)).toEqual(['teams']);
    const { rows } = await database.pool.query(`select 1 from read_model.teams where name = 'Team 3'`);
    expect(rows).toHaveLength(1);
  });

  test('goes on beside live appends, and readers see every row at every moment', async () => {
    more(3000);
    const projector = run([auditLog, users]);
    await projector.caughtUp();
    let done = false;
    let reads = 0;
    const reader = async () => {
      let least = 0;
      while (!done) {
        const { rows } = await database.pool.query<{ count: string }>({
          name: 'count-users',
          text: 'select (select count(*) from read_model.audit_log) as count from read_model.users limit 1',
        });
        const seen = Number(rows[0]?.count);
        expect(seen).toBeGreaterThanOrEqual(least);
        least = seen;
        reads += 1;
      }
    };
    const appender = async () => {
      while (!done) {
        more(1);
        await new Promise((resolve) => setImmediate(resolve));
        await projector.caughtUp();
      }
    };
    const others = Promise.all([reader(), reader(), appender()]);
    const reports = await rebuild([auditLog, users]);
    await rebuild([users]);
    done = true;
    await others;
    await projector.caughtUp();
    expect(reports.flatMap(({ tables }) => tables).map(({ same }) => same)).toEqual([true, true]);
    const { rows } = await database.pool.query<{ count: string }>('select count(*) from read_model.audit_log');
    expect(Number(rows[0]?.count)).toBe(log.recorded.length);
    expect(reads).toBeGreaterThan(20);
  });

  test('waits with the swap while a long query reads the old tables', async () => {
    more(5);
    await run([users]).caughtUp();
    const reader = await database.pool.connect();
    await reader.query('begin');
    await reader.query('select * from read_model.users');
    let swapped = false;
    const rebuilt = rebuild([users]).then(() => (swapped = true));
    await until(async () => {
      const { rows } = await database.pool.query(
        `select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock'`,
      );
      return rows.length > 0;
    }, 'the swap waits for the reader');
    const { rows } = await reader.query('select * from read_model.users');
    expect(rows).toHaveLength(5);
    expect(swapped).toBe(false);
    await reader.query('commit');
    reader.release();
    await rebuilt;
  });

  /** Waits at the end of the log, before it is known to be the end: nothing is swapped. */
  const stalling: RebuildOptions['subscribe'] = async function* (after, signal) {
    for await (const entry of log.subscribe(after, signal)) {
      if (entry.kind === 'caught-up') {
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
      }
      yield entry;
    }
  };
  const builtTo = async () => (await projectionStatus(database.pool))[0]?.rebuild?.position;

  test('goes on where a rebuild was that died, and compares all of it', async () => {
    more(50);
    const projector = run([users]);
    await projector.caughtUp();
    const held = rebuild([users], { subscribe: stalling });
    const failed = expect(held).rejects.toThrow();
    await until(async () => (await builtTo()) === log.head, 'it has built all there was');
    await database.pool.query('select pg_terminate_backend($1)', [
      await lockHolder(database.pool, rebuildLock('users')),
    ]);
    await failed;
    const halfway = log.head;
    const [half] = (await schemas()).filter((name) => name !== 'rm_users_v' + String(users.version));
    more(10);
    await projector.caughtUp();
    const after: unknown[] = [];
    const reports = await rebuild([users], {
      subscribe: (position, signal) => {
        after.push(position);
        return log.subscribe(position, signal);
      },
    });
    expect(after).toEqual([halfway]);
    expect(reports[0]?.tables).toEqual([{ table: 'users', rowsBefore: 60, rowsAfter: 60, same: true }]);
    expect(await schemas()).toEqual([half]);
    expect(await builtTo()).toBeUndefined();
  });

  test('is paused by its signal, readers keep what is live, and it says where it stands', async () => {
    more(30);
    await run([users]).caughtUp();
    const pausing = new AbortController();
    const held = rebuild([users], { signal: pausing.signal, subscribe: stalling });
    const paused = expect(held).rejects.toThrow();
    await until(async () => (await builtTo()) === log.head, 'it has built all there was');
    pausing.abort();
    await paused;
    expect(await builtTo()).toBe(log.head);
    expect((await database.pool.query('select 1 from read_model.users')).rows).toHaveLength(30);
    await rebuild([users]);
    expect(await schemas()).toHaveLength(1);
    expect((await database.pool.query('select 1 from read_model.users')).rows).toHaveLength(30);
  });

  test('starts over where the half-built tables are of another version, and leaves none of them', async () => {
    more(20);
    await run([users]).caughtUp();
    const pausing = new AbortController();
    const older = { ...(users as Projection), version: users.version - 1 };
    const held = rebuild([older], { signal: pausing.signal, subscribe: stalling });
    const paused = expect(held).rejects.toThrow();
    await until(async () => (await builtTo()) === log.head, 'it has built all there was');
    pausing.abort();
    await paused;
    const after: unknown[] = [];
    await rebuild([users], {
      subscribe: (position, signal) => {
        after.push(position);
        return log.subscribe(position, signal);
      },
    });
    expect(after).toEqual(['start']);
    expect(await schemas()).toHaveLength(1);
  });

  test('goes on from where it was when the log goes away', async () => {
    more(50);
    await run([users]).caughtUp();
    let outages = 0;
    await rebuild([users], {
      subscribe: async function* (after, signal) {
        let taken = 0;
        for await (const entry of log.subscribe(after, signal)) {
          yield entry;
          taken += 1;
          if (outages < 2 && taken > 30) {
            outages += 1;
            throw new Error('the log is away');
          }
        }
      },
    });
    expect(outages).toBe(2);
    const { rows } = await database.pool.query('select 1 from read_model.users');
    expect(rows).toHaveLength(50);
  });
});

describe('a projection in a new version', () => {
  const next = users.version + 1;
  const renamed: Projection = {
    ...(users as Projection),
    version: next,
    schema: users.schema.replace('locked_until', 'barred_until'),
    on: {
      RegistrationSubmitted: (writes, recorded) => {
        const put = {
          insert: (_table: string, { locked_until: barred_until, ...row }: Record<string, unknown>) => {
            writes.insert('users', { ...row, barred_until });
          },
          update: () => undefined,
        };
        (users as Projection).on.RegistrationSubmitted?.(put, recorded);
      },
    },
  };

  test('is rebuilt beside the old one at start, and replaces it', async () => {
    more(30);
    const old = run([users]);
    await old.caughtUp();
    const fresh = run([renamed]);
    await until(async () => (await projectionStatus(database.pool))[0]?.version === next, 'the new version is live');
    const { rows } = await database.pool.query('select barred_until from read_model.users');
    expect(rows).toHaveLength(30);
    expect(await schemas()).toEqual([`rm_users_v${String(next)}`]);
    // The old process stands by: it neither writes nor turns the version back.
    more(2);
    await old.stop();
    await fresh.caughtUp();
    const after = await database.pool.query('select 1 from read_model.users');
    expect(after.rows).toHaveLength(32);
    expect((await projectionStatus(database.pool))[0]).toMatchObject({ version: next, status: 'live' });
  });
});
