import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InvalidCursor } from '../../src/projections/cursor.ts';
import { directory } from '../../src/projections/directory.ts';
import { sessionById } from '../../src/projections/sessions.ts';
import { membersOf } from '../../src/projections/team-queries.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { all } from './everything.ts';
import { id, testLog, type TestLog } from './log.ts';
import { completeLogin, login, person, register, startLogin, time, verify } from './story.ts';
import { personalData, start, type Running } from './support.ts';

const { teamId, roleId, userId: owner } = person(1);
const stream = `team-${teamId}`;
const deployer = id(0x7777);

let database: TestDatabase;
let log: TestLog;
let running: Running;

beforeAll(async () => {
  database = await freshDatabase();
  log = testLog();
  running = start(database.pool, log, all);
  for (const n of [1, 2, 3, 4, 5]) register(log, n);
  verify(log, 1);
  log.append(stream, {
    type: 'RoleAdded',
    data: { teamId, roleId: deployer, name: 'Deployer', kind: 'custom', grants: ['env.*'], at: time(10) },
  });
  // Three of them in one moment.
  for (const n of [4, 3, 2, 5]) join(n, n === 5 ? time(30) : time(20));
});
afterAll(async () => {
  await running.stop();
  await database.drop();
});

const join = (n: number, at: string) =>
  log.append(stream, { type: 'MemberAdded', data: { teamId, userId: person(n).userId, roleId: deployer, at } });
const members = (limit = 10, cursor?: string, erased: string[] = []) =>
  membersOf({ pool: database.pool, personalData: personalData(erased) }, teamId, { limit, cursor });
const ids = (...numbers: number[]) => numbers.map((n) => person(n).userId);

async function pages(limit: number): Promise<string[][]> {
  const found: string[][] = [];
  for (let cursor: string | undefined; ;) {
    const page = await members(limit, cursor);
    found.push(page.items.map(({ userId }) => userId));
    cursor = page.nextCursor;
    if (cursor === undefined) return found;
  }
}

describe('the members of a team', () => {
  test('are listed in the order of joining, with names, addresses and roles', async () => {
    await running.caughtUp();
    const { items, nextCursor } = await members();
    expect(items.map(({ userId }) => userId)).toEqual(ids(1, 2, 3, 4, 5));
    expect(nextCursor).toBeUndefined();
    expect(items[0]).toEqual({
      userId: owner,
      name: 'Person 1',
      email: 'p1@example.com',
      roleId,
      roleName: 'Owner',
      joinedAt: time(1),
    });
    expect(items[4]).toMatchObject({ roleId: deployer, roleName: 'Deployer', joinedAt: time(30) });
  });

  test('come in pages that hold each of them once, also those who joined in one moment', async () => {
    await running.caughtUp();
    expect(await pages(2)).toEqual([ids(1, 2), ids(3, 4), ids(5)]);
    expect(await pages(1)).toEqual(ids(1, 2, 3, 4, 5).map((userId) => [userId]));
    expect(await pages(5)).toEqual([ids(1, 2, 3, 4, 5)]);
  });

  test.each(['NDI', 'bm90aGluZw', 'eHh4', Buffer.from('1.x').toString('base64url')])(
    'are not told for the cursor %s of another list',
    async (cursor) => {
      await running.caughtUp();
      await expect(members(2, cursor)).rejects.toBeInstanceOf(InvalidCursor);
    },
  );

  test('have no name and address once they are erased', async () => {
    await running.caughtUp();
    const { items } = await members(10, undefined, ids(2));
    expect(items[1]).toMatchObject({ userId: person(2).userId, name: null, email: null });
    expect(items[0]).toMatchObject({ name: 'Person 1' });
  });

  test('are those who are still in it, with the role that they have now', async () => {
    const changed = { teamId, userId: person(4).userId, fromRoleId: deployer, roleId, reason: 'changed' } as const;
    log.append(stream, { type: 'MemberRoleChanged', data: { ...changed, at: time(50) } });
    log.append(stream, {
      type: 'MemberRemoved',
      data: { teamId, userId: person(3).userId, roleId: deployer, at: time(51) },
    });
    log.append(stream, {
      type: 'RoleChanged',
      data: { teamId, roleId: deployer, name: 'Shipper', grants: ['env.*'], at: time(52) },
    });
    await running.caughtUp();
    expect((await members()).items.map(({ userId, roleName }) => [userId, roleName])).toEqual([
      [owner, 'Owner'],
      [person(2).userId, 'Shipper'],
      [person(4).userId, 'Owner'],
      [person(5).userId, 'Shipper'],
    ]);
    join(3, time(60));
    await running.caughtUp();
    expect((await members()).items.map(({ userId }) => userId)).toEqual(ids(1, 2, 4, 5, 3));
  });
});

describe('sessions in a team', () => {
  test('are found as of a position, by page, without those that ended or went elsewhere', async () => {
    for (const k of [1, 2, 3, 4]) {
      startLogin(log, 1, k);
      completeLogin(log, 1, k);
    }
    const of = (k: number) => ({ sessionId: login(1, k).sessionId, userId: owner, teamId, at: time(100) });
    log.append(`sessions-${owner}`, { type: 'SessionRevoked', data: { ...of(1), reason: 'team-closed' } });
    const elsewhere = person(2).teamId;
    log.append(`sessions-${owner}`, {
      type: 'SessionTeamSwitched',
      data: { ...of(2), fromTeamId: teamId, teamId: elsewhere, roleId },
    });
    const { position } = log.append(`sessions-${owner}`, {
      type: 'SessionPolicyApplied',
      data: { ...of(2), teamId: elsewhere, idleTimeoutSeconds: 600 },
    });
    const models = directory(database.pool, () => new Date(time(200)));
    const found = async (in_: string, after?: string, limit = 10) =>
      (await models.sessionsInTeam({ teamId: in_, position }, after, limit)).map(({ sessionId }) => sessionId);
    expect(await found(teamId)).toEqual([of(3).sessionId, of(4).sessionId]);
    expect(await found(teamId, undefined, 1)).toEqual([of(3).sessionId]);
    expect(await found(teamId, of(3).sessionId)).toEqual([of(4).sessionId]);
    expect(await found(elsewhere)).toEqual([of(2).sessionId]);
    expect(await sessionById(database.pool, of(2).sessionId)).toMatchObject({
      teamId: elsewhere,
      idleTimeoutSeconds: 600,
    });
    expect(await sessionById(database.pool, of(3).sessionId)).toMatchObject({ idleTimeoutSeconds: 3600 });
    expect(await sessionById(database.pool, of(1).sessionId)).toMatchObject({
      status: 'revoked',
      reason: 'team-closed',
    });
  });
});
