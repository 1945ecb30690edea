import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { activeSessionsOf, sessionById, sessionsToCheck } from '../../src/projections/sessions.ts';
import { InvalidCursor } from '../../src/projections/cursor.ts';
import { devicesOf } from '../../src/projections/devices.ts';
import { loginActivityOf } from '../../src/projections/login-activity.ts';
import { membership, teamsOf } from '../../src/projections/teams.ts';
import { lapsedRegistrations, userProfile } from '../../src/projections/users.ts';
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

const readers = (...erased: string[]) => ({ pool: database.pool, personalData: personalData(erased) });
let n = 0;
beforeEach(() => {
  n += 1;
});

describe('users', () => {
  test('a profile shows how far a registration has come, and opens name and address', async () => {
    const { userId } = person(n);
    register(log, n);
    await running.caughtUp();
    expect(await userProfile(readers(), userId)).toEqual({
      userId,
      status: 'pending',
      name: `Person ${String(n)}`,
      email: `p${String(n)}@example.com`,
      registeredAt: time(n),
      verifiedAt: null,
      lockedUntil: null,
      lockedAt: null,
      deactivatedAt: null,
    });
    verify(log, n, time(50));
    const locked = { userId, until: time(1000), lockMinutes: 15, at: time(60) };
    log.append(`user-${userId}`, { type: 'AccountLocked', data: locked });
    await running.caughtUp();
    const profile = await userProfile(readers(), userId);
    expect(profile).toMatchObject({ status: 'active', verifiedAt: time(50), lockedUntil: time(1000) });
    log.append(`user-${userId}`, { type: 'LoginFailuresCleared', data: { userId, loginId: id(1), at: time(70) } });
    await running.caughtUp();
    expect((await userProfile(readers(), userId))?.lockedUntil).toBeNull();
    log.append(`user-${userId}`, { type: 'AccountLocked', data: locked });
    const replaced = {
      credentialId: id(2),
      replacedCredentialId: id(1),
      reason: 'reset',
      keepSessionId: null,
    } as const;
    log.append(`user-${userId}`, { type: 'PasswordChanged', data: { userId, ...replaced, at: time(80) } });
    await running.caughtUp();
    expect((await userProfile(readers(), userId))?.lockedUntil).toBeNull();
  });

  test('nobody can read the name and address of an erased person, at once', async () => {
    const { userId } = person(n);
    register(log, n);
    await running.caughtUp();
    expect(await userProfile(readers(userId), userId)).toMatchObject({ name: null, email: null });
    const { rows } = await database.pool.query<{ row: object }>(
      'select to_jsonb(u) - $2::text[] as row from read_model.users u where user_id = $1',
      [userId, ['sealed_data', 'sealed_client']],
    );
    expect(JSON.stringify(rows)).not.toContain('Person');
  });

  test('an unknown person has no profile', async () => {
    expect(await userProfile(readers(), id(404))).toBeUndefined();
  });

  test('registrations that were never verified are listed oldest first, and no more once they lapsed', async () => {
    register(log, n + 500, time(-1000));
    register(log, n + 501, time(-2000));
    register(log, n + 502, time(-3000));
    verify(log, n + 502);
    await running.caughtUp();
    const listed = async () =>
      (await lapsedRegistrations(database.pool, new Date(time(-500)), 10)).map((r) => r.userId);
    expect(await listed()).toEqual([person(n + 501).userId, person(n + 500).userId]);
    const { userId, emailHash } = person(n + 501);
    log.append(`user-${userId}`, { type: 'RegistrationLapsed', data: { userId, emailHash, at: time(0) } });
    await running.caughtUp();
    expect(await listed()).toEqual([person(n + 500).userId]);
    expect(await userProfile(readers(), userId)).toMatchObject({ status: 'lapsed', name: null, email: null });
  });
});

test('teams: a person sees their teams with the role, and a membership its grants', async () => {
  const { userId, teamId, roleId } = person(n);
  register(log, n);
  verify(log, n);
  await running.caughtUp();
  expect(await teamsOf(database.pool, userId)).toEqual([{ teamId, name: `Team ${String(n)}`, roleId, role: 'Owner' }]);
  expect(await membership(database.pool, teamId, userId)).toEqual({
    teamId,
    teamName: `Team ${String(n)}`,
    roleId,
    roleName: 'Owner',
    grants: ['*'],
  });
  expect(await membership(database.pool, teamId, id(404))).toBeUndefined();
  expect(await teamsOf(database.pool, id(404))).toEqual([]);
});

describe('sessions', () => {
  test('a session is what the request path needs of it, through its whole life', async () => {
    const { userId, teamId, roleId, deviceId } = person(n);
    const { sessionId, loginId } = login(n, 1);
    completeLogin(log, n, 1, time(100));
    log.append(`sessions-${userId}`, {
      type: 'SessionRefreshed',
      data: { sessionId, userId, teamId, generation: 1, at: time(200) },
    });
    await running.caughtUp();
    const active = {
      sessionId,
      userId,
      teamId,
      roleId,
      deviceId,
      loginId,
      remember: false,
      transport: 'bearer',
      status: 'active',
      generation: 1,
      revision: 1n,
      startedAt: time(100),
      refreshedAt: time(200),
      expiresAt: time(n + 1 + 86_400),
      idleTimeoutSeconds: 3600,
    };
    expect(await sessionById(database.pool, sessionId)).toEqual(active);
    expect(await activeSessionsOf(database.pool, userId)).toEqual([active]);

    const next = login(n, 2).sessionId;
    const superseded = { sessionId, userId, teamId, bySessionId: next, byDeviceId: deviceId, at: time(300) };
    log.append(`sessions-${userId}`, { type: 'SessionSuperseded', data: superseded });
    completeLogin(log, n, 2, time(300));
    log.append(`sessions-${userId}`, {
      type: 'SessionRevoked',
      data: { sessionId: next, userId, teamId, reason: 'logged-out', at: time(400) },
    });
    await running.caughtUp();
    expect(await sessionById(database.pool, sessionId)).toMatchObject({
      status: 'superseded',
      endedAt: time(300),
      bySessionId: next,
      revision: 2n,
    });
    expect(await sessionById(database.pool, next)).toMatchObject({
      status: 'revoked',
      reason: 'logged-out',
      revokedAt: time(400),
      endedAt: time(400),
    });
    expect(await activeSessionsOf(database.pool, userId)).toEqual([]);
  });

  test('those that may have ended are walked through page by page', async () => {
    const { userId, teamId } = person(n);
    for (let k = 1; k <= 5; k += 1) completeLogin(log, n, k, time(k * 1000));
    const { sessionId } = login(n, 2);
    log.append(`sessions-${userId}`, {
      type: 'SessionExpired',
      data: { sessionId, userId, teamId, cause: 'idle', at: time(9) },
    });
    await running.caughtUp();
    const walk = async (now: string) => {
      const found: string[] = [];
      for (let after: string | undefined; ;) {
        const page = await sessionsToCheck(database.pool, new Date(now), 1, after);
        if (page.length === 0) return found;
        found.push(...page.filter((session) => session.userId === userId).map((session) => session.sessionId));
        after = page.at(-1)?.sessionId;
      }
    };
    expect(await walk(time(1000 + 3599))).toEqual([]);
    expect(await walk(time(3000 + 3600))).toEqual([login(n, 1).sessionId, login(n, 3).sessionId]);
    expect((await sessionById(database.pool, sessionId))?.status).toBe('expired-idle');
  });
});

test('devices: first seen stays, trust and last seen move, and the approving place is opened', async () => {
  const { userId, deviceId } = person(n);
  verify(log, n, time(10));
  const used = { userId, deviceId, loginId: id(1), trustedUntil: time(5000), at: time(20) };
  log.append(`devices-${userId}`, { type: 'DeviceUsed', data: used });
  const again = { userId, deviceId, method: 'otp', loginId: id(2), trustedUntil: time(9000), at: time(30) } as const;
  const client = { ip: '198.51.100.1', userAgent: 'Chrome', place: 'Paris, FR' };
  log.append(
    `devices-${userId}`,
    { type: 'DeviceApproved', data: again },
    { sealed: { client: JSON.stringify(client) } },
  );
  await running.caughtUp();
  const device = {
    deviceId,
    method: 'otp',
    approvedAt: time(30),
    trustedUntil: time(9000),
    firstSeenAt: time(10),
    lastSeenAt: time(30),
    client,
  };
  expect(await devicesOf(readers(), userId)).toEqual([device]);
  expect(await devicesOf(readers(userId), userId)).toEqual([{ ...device, client: null }]);
});

test('login activity: every attempt with its outcome, newest first, page by page', async () => {
  const { userId, deviceId, teamId } = person(n);
  const attempt = (k: number) => ({ loginId: login(n, k).loginId, userId, at: time(k) });
  const failed = { ...attempt(1), reason: 'wrong-password' } as const;
  log.append(`user-${userId}`, { type: 'LoginFailed', data: failed });
  startLogin(log, n, 2);
  const code = { ...attempt(2), codeId: id(7) };
  log.append(`login-${attempt(2).loginId}`, {
    type: 'DeviceCodeRequested',
    data: { ...code, number: 1, expiresAt: time(9) },
  });
  startLogin(log, n, 3);
  log.append(`login-${attempt(3).loginId}`, {
    type: 'LoginDenied',
    data: { ...attempt(3), reason: 'device-code-tries' },
  });
  startLogin(log, n, 4);
  log.append(`login-${attempt(4).loginId}`, {
    type: 'LoginDeviceApproved',
    data: { ...code, ...attempt(4), deviceId },
  });
  completeLogin(log, n, 4, time(44));
  const date = '2026-01-01';
  const unknown = { date, emailHash: 'nobody', loginId: login(n, 5).loginId, at: time(5) };
  log.append(`failed_login-${date}`, { type: 'UnknownLoginFailed', data: unknown });
  await running.caughtUp();

  const first = await loginActivityOf(readers(), userId, { limit: 3 });
  expect(first.items.map(({ loginId, outcome, reason }) => [loginId, outcome, reason])).toEqual([
    [attempt(4).loginId, 'completed', null],
    [attempt(3).loginId, 'denied', 'device-code-tries'],
    [attempt(2).loginId, 'device-code-sent', null],
  ]);
  expect(first.items[0]).toMatchObject({
    teamId,
    sessionId: login(n, 4).sessionId,
    endedAt: time(44),
    deviceTrusted: true,
  });
  expect(first.items[0]?.client?.place).toBe('Berlin, DE');
  startLogin(log, n, 6);
  await running.caughtUp();
  const second = await loginActivityOf(readers(), userId, { limit: 3, cursor: first.nextCursor });
  expect(second).toEqual({ items: [expect.objectContaining({ outcome: 'failed', reason: 'wrong-password' })] });
  await expect(loginActivityOf(readers(), userId, { limit: 3, cursor: 'nonsense' })).rejects.toThrow(InvalidCursor);
});
