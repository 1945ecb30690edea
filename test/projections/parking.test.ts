import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Projection } from '../../src/projections/projection.ts';
import { parkedEvents, type ParkedEvent } from '../../src/projections/park.ts';
import { rebuildProjections } from '../../src/projections/rebuild.ts';
import { retryParked } from '../../src/projections/retry-parked.ts';
import { projectionStatus } from '../../src/projections/status.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { testLog, type TestLog } from './log.ts';
import { person, time } from './story.ts';
import { rowsOf, silent, start, type Running } from './support.ts';

type Names = { names: { team_id: string; name: string; members: number } };

/** Refuses the name "bad", and fails on its own account for "worse", until `cured`. */
const picky = (cured: () => boolean): Projection<Names> => ({
  name: 'names',
  version: 1,
  keys: { names: ['team_id'] },
  schema: `create table names (team_id uuid primary key, name varchar(10) not null, members int not null)`,
  indexes: '',
  on: {
    TeamCreated: (writes, { event: { data } }) => {
      if (data.name === 'worse' && !cured()) throw new TypeError('cannot read this');
      const name = data.name === 'bad' && !cured() ? 'far too long for it' : data.name;
      writes.insert('names', { team_id: data.teamId, name, members: 0 });
    },
    MemberAdded: (writes, { event: { data } }) => {
      writes.update('names', { team_id: data.teamId }, { members: 1 });
    },
  },
});

let database: TestDatabase;
let log: TestLog;
let running: Running | undefined;
let isCured = false;
const names = picky(() => isCured);

beforeEach(async () => {
  isCured = false;
  database = await freshDatabase();
  log = testLog();
});
afterEach(async () => {
  await running?.stop();
  await database.drop();
});

function team(n: number, name: string): void {
  const { teamId, userId, roleId } = person(n);
  log.append(`team-${teamId}`, { type: 'TeamCreated', data: { teamId, name, createdBy: userId, at: time(n) } });
  log.append(`team-${teamId}`, { type: 'MemberAdded', data: { teamId, userId, roleId, at: time(n) } });
}

const members = async () => {
  const { rows } = await database.pool.query<{ name: string; members: number }>(
    'select name, members from read_model.names order by name',
  );
  return rows.map((row) => `${row.name} ${String(row.members)}`);
};

describe('an event that a read model cannot take', () => {
  test('is parked with all that follows in its stream, and the rest goes on', async () => {
    const reported: ParkedEvent[] = [];
    for (const [n, name] of ['good', 'bad', 'fine', 'worse', 'nice'].entries()) team(n, name);
    running = start(database.pool, log, [names], { onParked: (parked) => reported.push(parked) });
    await running.caughtUp();
    log.append(`team-${person(1).teamId}`, { type: 'MemberAdded', data: { ...person(1), at: time(9) } });
    team(7, 'later');
    await running.caughtUp();

    expect(await members()).toEqual(['fine 1', 'good 1', 'later 1', 'nice 1']);
    const parked = await parkedEvents(database.pool, 'names');
    expect(parked.map(({ stream, type, reason }) => [stream, type, reason])).toEqual([
      [`team-${person(1).teamId}`, 'TeamCreated', 'failed'],
      [`team-${person(1).teamId}`, 'MemberAdded', 'behind'],
      [`team-${person(3).teamId}`, 'TeamCreated', 'failed'],
      [`team-${person(3).teamId}`, 'MemberAdded', 'behind'],
      [`team-${person(1).teamId}`, 'MemberAdded', 'behind'],
    ]);
    expect(parked[0]?.error).toContain('too long');
    expect(parked[2]?.error).toBe('cannot read this');
    expect(reported.map(({ eventId }) => eventId).sort()).toEqual(parked.map(({ eventId }) => eventId).sort());
    expect((await projectionStatus(database.pool))[0]).toMatchObject({ parked: 5, status: 'live' });
  });

  test('is applied in order with those behind it when driven again, and its stream flows again', async () => {
    team(1, 'bad');
    team(2, 'worse');
    running = start(database.pool, log, [names]);
    await running.caughtUp();
    const again = () => retryParked({ projection: names, pool: database.pool, readStream: log.readStream });

    const streams = [`team-${person(1).teamId}`, `team-${person(2).teamId}`];
    expect(await again()).toEqual({ applied: 0, stillParked: streams });
    expect(await parkedEvents(database.pool)).toHaveLength(4);

    isCured = true;
    expect(await again()).toEqual({ applied: 4, stillParked: [] });
    expect(await members()).toEqual(['bad 1', 'worse 1']);
    expect((await projectionStatus(database.pool))[0]?.parked).toBe(0);
    log.append(streams[0] ?? '', {
      type: 'TeamCreated',
      data: { ...person(1), name: 'new', createdBy: person(1).userId, at: time(3) },
    });
    await running.caughtUp();
    expect(await members()).toEqual(['new 0', 'worse 1']);
  });

  test('is parked by a rebuild too, whose success frees it', async () => {
    team(1, 'bad');
    team(2, 'good');
    running = start(database.pool, log, [names]);
    await running.caughtUp();
    const rebuild = () =>
      rebuildProjections({
        projections: [names],
        pool: database.pool,
        subscribe: log.subscribe,
        signal: new AbortController().signal,
        logger: silent,
      });
    await rebuild();
    expect(await parkedEvents(database.pool)).toHaveLength(2);
    isCured = true;
    await rebuild();
    expect(await parkedEvents(database.pool)).toEqual([]);
    expect(await members()).toEqual(['bad 1', 'good 1']);
  });
});

test('a fault of the database is tried again, not parked', async () => {
  team(1, 'good');
  running = start(database.pool, log, [names]);
  await running.caughtUp();
  await database.pool.query('alter table rm_names_v1.names rename to hidden');
  team(2, 'fine');
  const { until } = await import('./support.ts');
  await until(async () => (await projectionStatus(database.pool))[0]?.status !== 'live', 'the failure is visible');
  await database.pool.query('alter table rm_names_v1.hidden rename to names');
  await running.caughtUp();
  expect(await parkedEvents(database.pool)).toEqual([]);
  expect(Object.values(await rowsOf(database.pool, names as Projection))[0]).toHaveLength(2);
});
