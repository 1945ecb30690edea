import { describe, expect, it } from 'vitest';
import type { Directory, SessionRecord } from '../../src/application/ports.ts';
import type { SessionCache } from '../../src/application/session-cache.ts';
import { anonymous, codeOf, laptop, passwordWorld } from './password-world.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Like the one in Redis: a use after the idle time does not count as one. */
function sessionCache() {
  const records = new Map<string, SessionRecord>();
  const used = new Map<string, Date>();
  const cache: SessionCache = {
    put: (record, now) => {
      records.set(record.sessionId, record);
      if (record.status === 'active' && !used.has(record.sessionId)) used.set(record.sessionId, now);
      return Promise.resolve();
    },
    putTeamEpoch: () => Promise.resolve(),
    use: ({ sessionId }, now) => {
      const [record, lastUsedAt] = [records.get(sessionId), used.get(sessionId) ?? now];
      if (record === undefined) return Promise.resolve(undefined);
      const idle = now.getTime() - lastUsedAt.getTime() > record.idleTimeoutSeconds * 1000;
      if (record.status === 'active' && !idle) used.set(sessionId, now);
      return Promise.resolve({ record, lastUsedAt, isTrusted: true, teamEpoch: 'unknown' as const });
    },
    lastUsed: (ids) => Promise.resolve(new Map([...used].filter(([sessionId]) => ids.includes(sessionId)))),
  };
  return { cache, records, used };
}

async function world() {
  const { cache, records, used } = sessionCache();
  const waiting: { userId: string }[] = [];
  const directory: Directory = {
    teamsOf: () => Promise.resolve([]),
    session: (sessionId) => Promise.resolve(records.get(sessionId)),
    activeSessions: () => Promise.resolve([...records.values()].filter(({ status }) => status === 'active')),
    lapsedRegistrations: () => Promise.resolve(waiting),
    sessionsInTeam: () => Promise.resolve([]),
    access: () => Promise.resolve(undefined),
    invitationsTo: () => Promise.resolve([]),
    erasures: () => Promise.resolve([]),
  };
  return { ...(await passwordWorld({ sessionCache: cache, directory })), records, used, waiting };
}

describe('a session', () => {
  it('that is used goes on, and ends an hour after its last use', async () => {
    const service = await world();
    const { checkSession, later } = service;
    const { accessToken } = await service.logIn();
    for (let use = 0; use < 5; use += 1) {
      later(59 * minute);
      expect((await checkSession(accessToken)).status).toBe('active');
    }
    later(61 * minute);
    expect(await codeOf(checkSession(accessToken))).toBe('session-idle');
    expect(await codeOf(checkSession(accessToken))).toBe('session-idle');
  });

  it('that was revoked, superseded, left idle or is past its time is refused by four distinct problems', async () => {
    const service = await world();
    const { checkSession, later, userId } = service;
    const logIn = () => service.logIn();
    const idle = await logIn();
    later(61 * minute);
    expect(await codeOf(checkSession(idle.accessToken))).toBe('session-idle');

    const revoked = await logIn();
    const { sessionId } = await checkSession(revoked.accessToken);
    await service.revokeSession({ userId, sessionId, reason: 'logged-out' }, anonymous());
    expect(await codeOf(checkSession(revoked.accessToken))).toBe('session-revoked');

    const superseded = await logIn();
    for (let more = 0; more < service.ports.sessionSettings.maxSessions; more += 1) await logIn();
    expect(await codeOf(checkSession(superseded.accessToken))).toBe('session-superseded');

    const expired = await logIn();
    for (let hours = 0; hours < 24; hours += 1) {
      expect((await checkSession(expired.accessToken)).status).toBe('active');
      later(59 * minute);
    }
    later(24 * minute);
    expect(await codeOf(checkSession(expired.accessToken))).toBe('session-expired');
  });

  it('is used without an event for each request', async () => {
    const service = await world();
    const { checkSession, later, ports } = service;
    const { accessToken, session } = await service.logIn();
    const written = async () =>
      (await ports.eventStore.readStream(`sessions-${session.userId}`)).events.map(({ event }) => event.type);
    expect(await written()).toEqual(['SessionStarted']);
    for (let use = 0; use < 100; use += 1) {
      later(1000);
      await checkSession(accessToken);
    }
    expect(await written()).toEqual(['SessionStarted']);
  });

  it('ends when its time is over, however much it is used', async () => {
    const service = await world();
    const { checkSession, later } = service;
    const { accessToken } = await service.logIn();
    for (let use = 0; use < 24; use += 1) {
      later(59 * minute);
      await checkSession(accessToken);
    }
    later(day - 24 * 59 * minute);
    expect(await codeOf(checkSession(accessToken))).toBe('session-expired');
  });

  it('has its natural end recorded once, with the cause', async () => {
    const service = await world();
    const { expireSessions, events, later } = service;
    const { session } = await service.logIn();
    later(30 * minute);
    await expireSessions({}, anonymous());
    expect(events('SessionExpired')).toHaveLength(0);
    later(31 * minute);
    await expireSessions({}, anonymous());
    await expireSessions({}, anonymous());
    expect(events('SessionExpired').map(({ event }) => event.data)).toMatchObject([
      { sessionId: session.sessionId, cause: 'idle' },
    ]);
  });

  it('locks nobody out when the cache has forgotten it: it begins to be idle anew', async () => {
    const service = await world();
    const { expireSessions, checkSession, events, records, used, later } = service;
    const { accessToken, session } = await service.logIn();
    const known = records.get(session.sessionId) ?? expect.fail();
    later(90 * minute);
    used.clear();
    await expireSessions({}, anonymous());
    expect(events('SessionExpired')).toHaveLength(0);
    records.clear();
    used.clear();
    expect(await checkSession(accessToken)).toMatchObject({ sessionId: known.sessionId, status: 'active' });
  });
});

describe('a registration that nobody verifies', () => {
  it('is given up after seven days: the address is free again, and the hash and the key are gone', async () => {
    const destroyed: string[] = [];
    const { ports, ...service } = await world();
    ports.personalData.destroyKey = (subject) => Promise.resolve(void destroyed.push(subject));
    const person = {
      email: 'grace@example.com',
      password: 'a bridge over the old river',
      name: 'Grace',
      teamName: 'Navy',
    };
    await service.submitRegistration({ ...person, deviceToken: laptop }, anonymous());
    const { userId, emailHash } = service.events('RegistrationSubmitted').at(-1)?.event.data ?? expect.fail();
    await service.completeRegistration({ userId }, anonymous());
    service.waiting.push({ userId });

    service.later(7 * day - minute);
    await service.lapseRegistrations({}, anonymous());
    expect(service.events('RegistrationLapsed')).toHaveLength(0);
    service.later(minute);
    await service.lapseRegistrations({}, anonymous());
    await service.forgetRegistration({ userId, emailHash }, anonymous());
    await service.forgetRegistration({ userId, emailHash }, anonymous());
    expect(service.events('EmailAddressReleased').map(({ event }) => event.data.emailHash)).toEqual([emailHash]);
    expect(destroyed).toContain(userId);

    await service.submitRegistration({ ...person, deviceToken: laptop }, anonymous());
    const next = service.events('RegistrationSubmitted').at(-1)?.event.data ?? expect.fail();
    await service.completeRegistration({ userId: next.userId }, anonymous());
    expect(service.events('UserRegistered').at(-1)?.event.data.userId).toBe(next.userId);
  });
});

describe('a password hash', () => {
  it('that no event refers to is swept away, and no other', async () => {
    const { ports, hashes, sweepCredentials, userId, events } = await world();
    const used = events('RegistrationSubmitted')[0]?.event.data.credentialId ?? expect.fail();
    const orphan = ports.newId();
    hashes.set(orphan, hashes.get(used) ?? expect.fail());
    ports.credentials.list = () => Promise.resolve([used, orphan].map((credentialId) => ({ credentialId, userId })));
    await sweepCredentials();
    expect([...hashes.keys()]).toEqual([used]);
  });
});
