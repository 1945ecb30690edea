import { afterAll, beforeAll, expect, test } from 'vitest';
import { InvalidCursor } from '../../src/projections/cursor.ts';
import { invitations, invitationsOf } from '../../src/projections/invitations.ts';
import { usersBy } from '../../src/projections/user-search.ts';
import { userProfile, users } from '../../src/projections/users.ts';
import { teams } from '../../src/projections/teams.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { id, testLog, type TestLog } from './log.ts';
import { person, register, time, verify } from './story.ts';
import { personalData, start, type Running } from './support.ts';

let database: TestDatabase;
let log: TestLog;
let running: Running;

beforeAll(async () => {
  database = await freshDatabase();
  log = testLog();
  running = start(database.pool, log, [invitations, teams, users]);
  for (const n of [1, 2, 3]) {
    register(log, n);
    verify(log, n);
  }
});
afterAll(async () => {
  await running.stop();
  await database.drop();
});

const readers = (...erased: string[]) => ({ pool: database.pool, personalData: personalData(erased) });
const search = async (emailHash?: string, limit = 10, cursor?: string) => {
  await running.caughtUp();
  return usersBy(readers(), { emailHash }, { limit, cursor });
};
const tell = (n: number, type: 'UserLocked' | 'UserUnlocked' | 'UserDeactivated' | 'UserReactivated', at: string) => {
  const { userId } = person(n);
  log.append(`user-${userId}`, { type, data: { userId, at } });
};

test('people are listed page by page, the newest registration first', async () => {
  const first = await search(undefined, 2);
  expect(first.items.map(({ userId }) => userId)).toEqual([person(3).userId, person(2).userId]);
  const second = await search(undefined, 2, first.nextCursor);
  expect(second.items.map(({ email }) => email)).toEqual(['p1@example.com']);
  expect(second.nextCursor).toBeUndefined();
  await expect(search(undefined, 2, 'no cursor')).rejects.toThrow(InvalidCursor);
});

test('an address finds whoever has it, and nobody whose registration came to nothing', async () => {
  const { userId, emailHash } = person(2);
  expect((await search(emailHash)).items.map((found) => found.userId)).toEqual([userId]);
  const late = { ...person(9), emailHash };
  register(log, 9);
  log.append(`user-${late.userId}`, {
    type: 'RegistrationLapsed',
    data: { userId: late.userId, emailHash, at: time(90) },
  });
  expect((await search(person(9).emailHash)).items).toEqual([]);
  expect((await search('nobody')).items).toEqual([]);
});

test('a profile says what administrators have decided', async () => {
  const { userId } = person(1);
  const state = async () => {
    await running.caughtUp();
    const { lockedAt, lockedUntil, deactivatedAt } = (await userProfile(readers(), userId)) ?? expect.fail();
    return { lockedAt, lockedUntil, deactivatedAt };
  };
  tell(1, 'UserLocked', time(100));
  tell(1, 'UserDeactivated', time(101));
  log.append(`user-${userId}`, {
    type: 'AccountLocked',
    data: { userId, until: time(900), lockMinutes: 15, at: time(102) },
  });
  expect(await state()).toEqual({ lockedAt: time(100), lockedUntil: time(900), deactivatedAt: time(101) });
  tell(1, 'UserUnlocked', time(103));
  expect(await state()).toEqual({ lockedAt: null, lockedUntil: null, deactivatedAt: time(101) });
  tell(1, 'UserReactivated', time(104));
  expect(await state()).toEqual({ lockedAt: null, lockedUntil: null, deactivatedAt: null });
});

test('an invitation by the installation itself is shown under its name', async () => {
  const { teamId, roleId } = person(1);
  const round = { invitationId: id(0x7000), teamId, roleId, tokenId: id(0x8000) };
  const about = { emailHash: 'guest', email: null, invitedBy: null, expiresAt: time(9000), at: time(200) };
  log.append(`invitation-${round.invitationId}`, { type: 'InvitationIssued', data: { ...round, ...about } });
  await running.caughtUp();
  const { items } = await invitationsOf(readers(), teamId, { limit: 5 }, new Date(time(300)));
  expect(items.map(({ invitedBy }) => invitedBy)).toEqual([{ userId: null, name: 'MBPanel' }]);
});
