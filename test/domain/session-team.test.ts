import { describe, expect, it } from 'vitest';
import { sessions } from '../../src/domain/sessions/decide.ts';
import type { SessionsEvent } from '../../src/domain/sessions/events.ts';
import { sessionIn } from '../../src/domain/sessions/state.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';

const given = specificationFor(sessions);
const started = (sessionId: string, deviceId: string, minutes = 0): SessionsEvent => ({
  type: 'SessionStarted',
  data: {
    sessionId,
    userId: 'ann',
    teamId: 'team-1',
    roleId: 'owner',
    deviceId,
    loginId: `login-${sessionId}`,
    remember: false,
    transport: 'bearer',
    idleTimeoutSeconds: 3600,
    expiresAt: at({ days: 1 }),
    at: at({ minutes }),
  },
});
const switchTo = (teamId: string, now = moment()) =>
  ({ type: 'SwitchTeam', sessionId: 'one', teamId, roleId: 'guest', idleTimeoutSeconds: 3600, now }) as const;
const switched: SessionsEvent = {
  type: 'SessionTeamSwitched',
  data: { sessionId: 'one', userId: 'ann', fromTeamId: 'team-1', teamId: 'team-2', roleId: 'guest', at: at() },
};
const revoked = (sessionId: string, reason: 'by-admin' | 'device-removed', teamId = 'team-1'): SessionsEvent => ({
  type: 'SessionRevoked',
  data: { sessionId, userId: 'ann', teamId, reason, at: at({ minutes: 9 }) },
});

describe('switching the team', () => {
  it('goes on with the same session and the same refresh token', () => {
    given(started('one', 'laptop')).when(switchTo('team-2')).then(switched);
    const state = [started('one', 'laptop'), switched].reduce(sessions.evolve, sessions.initialState);
    expect(sessionIn(state, 'one')).toMatchObject({ teamId: 'team-2', roleId: 'guest', generation: 0 });
  });

  it('adds nothing where the session is there already', () => {
    given(started('one', 'laptop'), switched).when(switchTo('team-2')).thenNothing();
  });

  it('is for sessions that go on', () => {
    given().when(switchTo('team-2')).thenRefused('session-required');
    given(started('one', 'laptop'))
      .when(switchTo('team-2', moment({ days: 1 })))
      .thenRefused('session-expired');
    given(started('one', 'laptop'), revoked('one', 'by-admin')).when(switchTo('team-2')).thenRefused('session-revoked');
  });
});

describe('ending a session in a team', () => {
  const end = (teamId: string) =>
    ({ type: 'RevokeSession', sessionId: 'one', teamId, reason: 'by-admin', now: moment({ minutes: 9 }) }) as const;

  it('reaches only one that is in it now', () => {
    given(started('one', 'laptop')).when(end('team-1')).then(revoked('one', 'by-admin'));
    given(started('one', 'laptop')).when(end('team-2')).thenRefused('not-found');
    given(started('one', 'laptop'), switched).when(end('team-1')).thenRefused('not-found');
    given(started('one', 'laptop'), switched)
      .when(end('team-2'))
      .then(revoked('one', 'by-admin', 'team-2'));
  });
});

describe('ending the sessions of a device', () => {
  const end = (startedBefore: Date) =>
    ({
      type: 'RevokeSessionsOfDevice',
      deviceId: 'laptop',
      startedBefore,
      reason: 'device-removed',
      now: moment({ minutes: 9 }),
    }) as const;

  it('leaves those of others, and those that began after the removal', () => {
    const all = [started('one', 'laptop'), started('two', 'phone'), started('three', 'laptop', 8)];
    given(...all)
      .when(end(moment({ minutes: 5 })))
      .then(revoked('one', 'device-removed'));
    given(...all, revoked('one', 'device-removed'))
      .when(end(moment({ minutes: 5 })))
      .thenNothing();
  });
});
