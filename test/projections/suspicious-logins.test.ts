import { afterAll, beforeAll, expect, test } from 'vitest';
import { loginActivityOf } from '../../src/projections/login-activity.ts';
import { activeSessionsOf, sessionById, sessionsToCheck } from '../../src/projections/sessions.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { all } from './everything.ts';
import { id, testLog, type TestLog } from './log.ts';
import { completeLogin, login, person, register, startLogin, time, verify } from './story.ts';
import { personalData, start, type Running } from './support.ts';

let database: TestDatabase;
let log: TestLog;
let running: Running;

beforeAll(async () => {
  database = await freshDatabase();
  log = testLog();
  running = start(database.pool, log, all);
});
afterAll(async () => {
  await running.stop();
  await database.drop();
});

test('a session that is held back has not ended, and ends by itself like any other', async () => {
  const { userId, teamId } = person(1);
  const { sessionId, loginId } = login(1, 1);
  completeLogin(log, 1, 1, time(100));
  const about = { sessionId, userId, teamId, loginId };
  log.append(`sessions-${userId}`, { type: 'SessionSuspended', data: { ...about, at: time(200) } });
  await running.caughtUp();
  const held = await sessionById(database.pool, sessionId);
  expect(held).toMatchObject({ status: 'suspended', revision: 1n });
  expect(held?.endedAt).toBeUndefined();
  expect(await activeSessionsOf(database.pool, userId)).toEqual([held]);
  expect(await sessionsToCheck(database.pool, new Date(time(10_000_000)), 10)).toEqual([held]);

  log.append(`sessions-${userId}`, { type: 'SessionResumed', data: { ...about, at: time(300) } });
  await running.caughtUp();
  expect(await sessionById(database.pool, sessionId)).toMatchObject({ status: 'active', revision: 2n });
});

test('the history of logins tells of a suspicious one, and of what became of it', async () => {
  const { userId } = person(2);
  register(log, 2);
  verify(log, 2, time(10));
  const { loginId } = login(2, 1);
  startLogin(log, 2, 1);
  const ids = { loginId, userId };
  log.append(`login-${loginId}`, {
    type: 'LoginFlagged',
    data: {
      ...ids,
      ruleVersion: 1,
      signals: ['new-country', 'impossible-travel'],
      inputs: null,
      decisionId: id(77),
      expiresAt: time(3700),
      at: time(100),
    },
  });
  const readers = { pool: database.pool, personalData: personalData([]) };
  const newest = async () => {
    await running.caughtUp();
    return (await loginActivityOf(readers, userId, { limit: 10 })).items[0];
  };
  expect(await newest()).toMatchObject({ loginId, outcome: 'flagged', reason: 'new-country, impossible-travel' });
  log.append(`login-${loginId}`, { type: 'LoginApprovedByUser', data: { ...ids, decisionId: id(77), at: time(200) } });
  expect(await newest()).toMatchObject({ outcome: 'approved-by-user' });
});
