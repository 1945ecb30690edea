import { describe, expect, it } from 'vitest';
import { sessions, type SessionsCommand } from '../../src/domain/sessions/decide.ts';
import type { SessionsEvent } from '../../src/domain/sessions/events.ts';
import { sessionIn } from '../../src/domain/sessions/state.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';

const given = specificationFor(sessions);
const ids = { sessionId: 'session-1', userId: 'ann', teamId: 'team-1' };
const started = (name: string, minutes = 0): SessionsEvent => ({
  type: 'SessionStarted',
  data: {
    ...ids,
    sessionId: `session-${name}`,
    loginId: `login-${name}`,
    roleId: 'owner',
    deviceId: 'laptop',
    remember: false,
    transport: 'bearer',
    idleTimeoutSeconds: 3600,
    expiresAt: at({ days: 1 }),
    at: at({ minutes }),
  },
});
const about = { ...ids, loginId: 'login-1', at: at({ minutes: 1 }) };
const suspended: SessionsEvent = { type: 'SessionSuspended', data: about };
const resumed: SessionsEvent = { type: 'SessionResumed', data: about };
const revoked = (name: string, minutes: number): SessionsEvent => ({
  type: 'SessionRevoked',
  data: { ...ids, sessionId: `session-${name}`, reason: 'login-denied', at: at({ minutes }) },
});
const now = moment({ minutes: 1 });
const suspend: SessionsCommand = { type: 'SuspendSession', loginId: 'login-1', now };
const resume: SessionsCommand = { type: 'ResumeSession', loginId: 'login-1', now };
const statusAfter = (...events: SessionsEvent[]) =>
  sessionIn(events.reduce(sessions.evolve, sessions.initialState), 'session-1')?.status;

describe('a session whose login turns out to be suspicious', () => {
  it('is held back and let go again, once each', () => {
    given(started('1')).when(suspend).then(suspended);
    given(started('1'), suspended).when(suspend).thenNothing();
    given(started('1'), suspended).when(resume).then(resumed);
    given(started('1')).when(resume).thenNothing();
    expect(statusAfter(started('1'), suspended)).toBe('suspended');
    expect(statusAfter(started('1'), suspended, resumed)).toBe('active');
  });

  it('is the one that the login gave, while that has not ended', () => {
    given(started('2')).when(suspend).thenNothing();
    given(started('1'), revoked('1', 1)).when(suspend).thenNothing();
  });

  it('is not refreshed while it is held back', () => {
    const refresh = { type: 'RefreshSession', sessionId: 'session-1', generation: 0, lastUsedAt: null, now } as const;
    given(started('1'), suspended).when(refresh).thenRefused('session-suspended');
  });

  it('can be ended, and ends by itself', () => {
    const end = { type: 'RevokeSession', sessionId: 'session-1', reason: 'login-denied', now } as const;
    given(started('1'), suspended).when(end).then(revoked('1', 1));
    const over = { type: 'ExpireSession', sessionId: 'session-1', lastUsedAt: null, now: moment({ days: 1 }) } as const;
    given(started('1'), suspended)
      .when(over)
      .then({ type: 'SessionExpired', data: { ...ids, cause: 'absolute', at: at({ days: 1 }) } });
  });
});

describe('ending all sessions', () => {
  const past = [started('1'), started('2', 10), started('3', 20)];
  const all = {
    type: 'RevokeAllSessions',
    exceptSessionId: null,
    reason: 'login-denied',
    now: moment({ minutes: 30 }),
  } as const;

  it('spares one where that is asked for', () => {
    given(...past)
      .when({ ...all, exceptSessionId: 'session-2' })
      .then(revoked('1', 30), revoked('3', 30));
    given(...past)
      .when(all)
      .then(revoked('1', 30), revoked('2', 30), revoked('3', 30));
  });

  it('spares later ones when it is repeated, but for that of the login in question', () => {
    given(...past)
      .when({ ...all, startedUntil: at({ minutes: 5 }) })
      .then(revoked('1', 30));
    given(...past)
      .when({ ...all, startedUntil: at({ minutes: 5 }), orOfLogin: 'login-3' })
      .then(revoked('1', 30), revoked('3', 30));
  });
});
