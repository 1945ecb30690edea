import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditLog } from '../../src/projections/audit-log.ts';
import { checkDrift, type DriftOptions, type DriftReport } from '../../src/projections/drift.ts';
import type { Projection } from '../../src/projections/projection.ts';
import { sessions } from '../../src/projections/sessions.ts';
import { teams } from '../../src/projections/teams.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { all } from './everything.ts';
import { testLog } from './log.ts';
import { completeLogin, login, person, register, startLogin, verify } from './story.ts';
import { start } from './support.ts';

let database: TestDatabase;
const log = testLog();

beforeAll(async () => {
  database = await freshDatabase();
  for (let n = 1; n <= 100; n += 1) {
    register(log, n);
    verify(log, n);
    startLogin(log, n, 1);
    completeLogin(log, n, 1);
  }
  const projector = start(database.pool, log, all);
  await projector.caughtUp();
  await projector.stop();
});
afterAll(() => database.drop());

const checkAll = (projections: DriftOptions['projections'], share = 1, seed = '') =>
  checkDrift({
    projections,
    pool: database.pool,
    subscribe: log.subscribe,
    signal: new AbortController().signal,
    share,
    seed,
  });

async function check(projection: Projection, share = 1, seed = ''): Promise<DriftReport> {
  const [report] = await checkAll([projection], share, seed);
  if (!report) throw new Error('There is no report.');
  return report;
}

test('tables that are as the log says show no drift, all from one reading as from one each', async () => {
  const reports = await checkAll(all);
  expect(reports.map(({ projection }) => projection)).toEqual(all.map(({ name }) => name));
  for (const [number, projection] of all.entries()) {
    expect(reports[number]).toEqual(await check(projection));
    expect(reports[number]?.differences).toEqual([]);
  }
  expect((await check(auditLog)).eventsReplayed).toBe(log.recorded.length);
});

test('a row changed, removed or added by hand is found', async () => {
  const { teamId, userId, roleId } = person(7);
  await database.pool.query(`update read_model.memberships set role_id = $1 where team_id = $2`, [userId, teamId]);
  await database.pool.query(`delete from read_model.teams where team_id = $1`, [teamId]);
  await database.pool.query(`insert into read_model.roles values ($1, $2, 'Ghost', 'custom', '{*}')`, [teamId, userId]);
  expect((await check(teams)).differences).toEqual([
    { table: 'teams', key: { team_id: teamId }, kind: 'missing' },
    { table: 'roles', key: { team_id: teamId, role_id: userId }, kind: 'unexpected' },
    { table: 'memberships', key: { team_id: teamId, user_id: userId }, kind: 'different' },
  ]);
  expect(roleId).not.toBe(userId);
});

test('a sample replays some streams whole, and another seed picks others', async () => {
  const { sessionId } = login(3, 1);
  await database.pool.query(`update read_model.sessions set status = 'revoked' where session_id = $1`, [sessionId]);
  const samples = await Promise.all(Array.from({ length: 20 }, (_, seed) => check(sessions, 0.3, String(seed))));
  const found = samples.filter(({ differences }) => differences.length > 0);
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThan(20);
  for (const { differences } of found) {
    expect(differences).toEqual([{ table: 'sessions', key: { session_id: sessionId }, kind: 'different' }]);
  }
  for (const { eventsReplayed } of samples) expect(eventsReplayed).toBeLessThan(80);
});
