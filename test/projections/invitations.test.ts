import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emailDeliveriesPage } from '../../src/projections/email-deliveries.ts';
import { invitationsOf } from '../../src/projections/invitations.ts';
import { membership, teamsOf } from '../../src/projections/teams.ts';
import { userProfile } from '../../src/projections/users.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { all } from './everything.ts';
import { id, testLog, type TestLog } from './log.ts';
import { person, register, time, verify } from './story.ts';
import { personalData, start, type Running } from './support.ts';

const owner = person(1);
const { teamId, roleId } = owner;
const guest = id(0x6000);
const now = new Date(time(10_000));
const ofRound = (n: number) => ({ invitationId: id(0x7000 + n), teamId, tokenId: id(0x8000 + n) });

let database: TestDatabase;
let log: TestLog;
let running: Running;

beforeAll(async () => {
  database = await freshDatabase();
  log = testLog();
  running = start(database.pool, log, all);
  register(log, 1);
  verify(log, 1);
});
afterAll(async () => {
  await running.stop();
  await database.drop();
});

const readers = (...erased: string[]) => ({ pool: database.pool, personalData: personalData(erased) });
const list = (limit = 10, cursor?: string, erased: string[] = []) =>
  invitationsOf(readers(...erased), teamId, { limit, cursor }, now);

function issue(n: number, expiresAt = time(20_000)): void {
  const round = ofRound(n);
  const data = { ...round, roleId, emailHash: `guest-${String(n)}`, email: null, invitedBy: owner.userId };
  log.append(
    `invitation-${round.invitationId}`,
    { type: 'InvitationIssued', data: { ...data, expiresAt, at: time(100 + n) } },
    {
      sealed: {
        subject: `invitation-${round.tokenId}`,
        data: JSON.stringify({ email: `guest${String(n)}@example.com` }),
      },
    },
  );
}

describe('invitations of a team', () => {
  test('are listed with their state, the newest first', async () => {
    for (const n of [1, 2, 3, 4]) issue(n);
    issue(5, time(9000));
    log.append(`invitation-${ofRound(2).invitationId}`, {
      type: 'InvitationRevoked',
      data: { ...ofRound(2), revokedBy: owner.userId, at: time(200) },
    });
    for (const n of [3, 4]) {
      log.append(`invitation-${ofRound(n).invitationId}`, {
        type: 'InvitationAccepted',
        data: { ...ofRound(n), roleId, userId: guest, invitedBy: owner.userId, at: time(300) },
      });
    }
    log.append(`invitation-${ofRound(4).invitationId}`, {
      type: 'InvitationAcceptanceFailed',
      data: { ...ofRound(4), userId: guest, reason: 'role-retired', at: time(301) },
    });
    await running.caughtUp();
    const { items } = await list();
    expect(items.map(({ email, status, endedAt }) => [email, status, endedAt])).toEqual([
      ['guest5@example.com', 'expired', null],
      ['guest4@example.com', 'failed', time(300)],
      ['guest3@example.com', 'accepted', time(300)],
      ['guest2@example.com', 'revoked', time(200)],
      ['guest1@example.com', 'open', null],
    ]);
    expect(items[0]).toMatchObject({
      roleName: 'Owner',
      invitedBy: { userId: owner.userId, name: 'Person 1' },
      expiresAt: time(9000),
    });
    expect((await invitationsOf(readers(), person(2).teamId, { limit: 10 }, now)).items).toEqual([]);
  });

  test('come in pages, and without the addresses that are erased', async () => {
    const first = await list(2);
    const rest = await list(10, first.nextCursor);
    expect([...first.items, ...rest.items]).toEqual((await list()).items);
    expect(rest.nextCursor).toBeUndefined();
    const erased = await list(10, undefined, [`invitation-${ofRound(1).tokenId}`]);
    expect(erased.items.at(-1)).toMatchObject({ invitationId: ofRound(1).invitationId, email: null });
  });

  test('begin anew when an address is invited again', async () => {
    issue(2);
    await running.caughtUp();
    expect((await list()).items[0]).toMatchObject({ email: 'guest2@example.com', status: 'open', endedAt: null });
    expect((await list()).items).toHaveLength(5);
  });
});

test('whoever joined by invitation is a user and a member', async () => {
  const round = ofRound(3);
  const submitted = {
    userId: guest,
    emailHash: 'guest-3',
    email: null,
    name: null,
    credentialId: id(1),
    deviceId: id(2),
  };
  log.append(
    `user-${guest}`,
    {
      type: 'InvitedRegistrationSubmitted',
      data: { ...submitted, invitationId: round.invitationId, tokenId: round.tokenId, at: time(300) },
    },
    { sealed: { data: JSON.stringify({ email: 'guest3@example.com', name: 'Bob' }) } },
  );
  await running.caughtUp();
  expect(await userProfile(readers(), guest)).toMatchObject({ status: 'invited', verifiedAt: null });
  const registered = { userId: guest, invitationId: round.invitationId, deviceId: id(2), at: time(301) };
  log.append(`user-${guest}`, { type: 'InvitedUserRegistered', data: registered });
  log.append(`team-${teamId}`, {
    type: 'MemberJoined',
    data: { ...round, userId: guest, roleId, invitedBy: owner.userId, at: time(302) },
  });
  await running.caughtUp();
  const profile = { status: 'active', name: 'Bob', email: 'guest3@example.com', verifiedAt: time(301) };
  expect(await userProfile(readers(), guest)).toMatchObject(profile);
  expect(await teamsOf(database.pool, guest)).toMatchObject([{ teamId, role: 'Owner' }]);
  expect(await membership(database.pool, teamId, guest)).toMatchObject({ roleName: 'Owner' });
});

test('a mail to an address without account is a delivery of nobody', async () => {
  const mail = { messageId: id(0x9000), userId: null, template: 'invitation', at: time(400) } as const;
  log.append(`email-${mail.messageId}`, { type: 'EmailSendStarted', data: { ...mail, attempt: 1 } });
  await running.caughtUp();
  const { items } = await emailDeliveriesPage(database.pool, {}, { limit: 1 });
  expect(items[0]).toMatchObject({ messageId: mail.messageId, userId: null, status: 'sending' });
});
