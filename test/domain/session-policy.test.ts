import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessions, type SessionsCommand } from '../../src/domain/sessions/decide.ts';
import type { SessionsEvent } from '../../src/domain/sessions/events.ts';
import { sessionIn } from '../../src/domain/sessions/state.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';
import { expectNothingTwice, inOrder, play } from './properties.ts';

const given = specificationFor(sessions);
const now = moment({ minutes: 9 });

const started = (sessionId: string, teamId = 'team-1', idleTimeoutSeconds = 3600): SessionsEvent => ({
  type: 'SessionStarted',
  data: {
    sessionId,
    userId: 'ann',
    teamId,
    roleId: 'owner',
    deviceId: 'laptop',
    loginId: `login-${sessionId}`,
    remember: false,
    transport: 'bearer',
    idleTimeoutSeconds,
    expiresAt: at({ days: 1 }),
    at: at(),
  },
});
const switched = (sessionId: string, fromTeamId = 'team-1', teamId = 'team-2'): SessionsEvent => ({
  type: 'SessionTeamSwitched',
  data: { sessionId, userId: 'ann', fromTeamId, teamId, roleId: 'guest', at: now.toISOString() },
});
const applied = (sessionId: string, teamId: string, idleTimeoutSeconds: number): SessionsEvent => ({
  type: 'SessionPolicyApplied',
  data: { sessionId, userId: 'ann', teamId, idleTimeoutSeconds, at: now.toISOString() },
});
const revoked = (sessionId: string, reason: 'member-removed' | 'team-closed'): SessionsEvent => ({
  type: 'SessionRevoked',
  data: { sessionId, userId: 'ann', teamId: 'team-1', reason, at: now.toISOString() },
});

describe('the idle timeout of a team', () => {
  const apply = (idleTimeoutSeconds: number, teamId = 'team-1') =>
    ({ type: 'ApplySessionPolicy', teamId, idleTimeoutSeconds, now }) as const;

  it('reaches every session that is in the team now and has another one', () => {
    given(started('one'), started('two', 'team-2'), started('three', 'team-1', 300))
      .when(apply(300))
      .then(applied('one', 'team-1', 300));
    given(started('one'), applied('one', 'team-1', 300))
      .when(apply(300))
      .thenNothing();
    given(started('one'), switched('one')).when(apply(300)).thenNothing();
  });

  it('reaches what is held back, and nothing that is over', () => {
    const about = { sessionId: 'one', userId: 'ann', teamId: 'team-1', loginId: 'login-one', at: at() };
    given(started('one'), { type: 'SessionSuspended', data: about })
      .when(apply(300))
      .then(applied('one', 'team-1', 300));
    given(started('one'), revoked('one', 'team-closed')).when(apply(300)).thenNothing();
  });

  it('is what decides whether a session was left alone for too long', () => {
    const expire = { type: 'ExpireSession', sessionId: 'one', lastUsedAt: moment(), now } as const;
    given(started('one')).when(expire).thenNothing();
    given(started('one'), applied('one', 'team-1', 300))
      .when(expire)
      .then({
        type: 'SessionExpired',
        data: { sessionId: 'one', userId: 'ann', teamId: 'team-1', cause: 'idle', at: now.toISOString() },
      });
  });

  it('comes with a switch to a team that has another one', () => {
    const to = (idleTimeoutSeconds: number) =>
      ({ type: 'SwitchTeam', sessionId: 'one', teamId: 'team-2', roleId: 'guest', idleTimeoutSeconds, now }) as const;
    given(started('one')).when(to(3600)).then(switched('one'));
    given(started('one'))
      .when(to(600))
      .then(switched('one'), applied('one', 'team-2', 600));
    const state = [started('one'), switched('one'), applied('one', 'team-2', 600)].reduce(
      sessions.evolve,
      sessions.initialState,
    );
    expect(sessionIn(state, 'one')).toMatchObject({ teamId: 'team-2', idleTimeoutSeconds: 600, generation: 0 });
  });
});

describe('leaving a team', () => {
  const there = { teamId: 'team-2', roleId: 'guest', idleTimeoutSeconds: 600 };
  const leave = (more: Partial<Extract<SessionsCommand, { type: 'LeaveTeam' }>> = {}) =>
    ({ type: 'LeaveTeam', teamId: 'team-1', to: there, reason: 'member-removed', now, ...more }) as const;

  it('moves the sessions that are in it, with the idle timeout of the other team', () => {
    given(started('one'), started('two', 'team-3'))
      .when(leave())
      .then(switched('one'), applied('one', 'team-2', 600));
    given(started('one'), switched('one')).when(leave()).thenNothing();
  });

  it('ends them where there is no other team', () => {
    given(started('one'), started('two'))
      .when(leave({ to: null, reason: 'team-closed' }))
      .then(revoked('one', 'team-closed'), revoked('two', 'team-closed'));
    given(started('one'), started('two'))
      .when(leave({ to: null, sessionId: 'two' }))
      .then(revoked('two', 'member-removed'));
    given()
      .when(leave({ to: null }))
      .thenNothing();
  });

  it('leaves what is held back held back', () => {
    const about = { sessionId: 'one', userId: 'ann', teamId: 'team-1', loginId: 'login-one', at: at() };
    const held: SessionsEvent = { type: 'SessionSuspended', data: about };
    const after = [started('one'), held, switched('one')].reduce(sessions.evolve, sessions.initialState);
    given(started('one'), held)
      .when(leave())
      .then(switched('one'), applied('one', 'team-2', 600));
    expect(sessionIn(after, 'one')).toMatchObject({ status: 'suspended', teamId: 'team-2' });
  });
});

describe('whatever happens to teams', () => {
  const teamId = fc.constantFrom('team-1', 'team-2', 'team-3');
  const sessionId = fc.constantFrom('a', 'b', 'c');
  const idleTimeoutSeconds = fc.constantFrom(300, 600, 3600);
  const command = (when: Date) =>
    fc.oneof(
      fc.record({ sessionId, teamId, idleTimeoutSeconds }).map((some): SessionsCommand => ({
        type: 'StartSession',
        userId: 'ann',
        roleId: 'owner',
        deviceId: 'laptop',
        loginId: 'login',
        completedAt: when,
        remember: true,
        transport: 'bearer',
        maxSessions: 3,
        now: when,
        ...some,
      })),
      fc
        .record({ teamId, idleTimeoutSeconds })
        .map((some): SessionsCommand => ({ type: 'ApplySessionPolicy', now: when, ...some })),
      fc
        .record({
          teamId,
          to: fc.option(fc.record({ teamId, roleId: fc.constant('guest'), idleTimeoutSeconds }), { nil: null }),
        })
        .filter(({ teamId: left, to }) => left !== to?.teamId)
        .map((some): SessionsCommand => ({ type: 'LeaveTeam', reason: 'member-removed', now: when, ...some })),
    );
  const commands = inOrder(command, { start: moment(), maxStepSeconds: 60 });

  it('no session is left in a team that was left, and all in one team agree after its policy', () => {
    fc.assert(
      fc.property(commands, (given) => {
        for (const { command: done, after } of play(sessions, given)) {
          if (done.type === 'LeaveTeam') {
            expect(after.active.filter((session) => session.teamId === done.teamId)).toEqual([]);
          }
          if (done.type === 'ApplySessionPolicy') {
            const inTeam = after.active.filter((session) => session.teamId === done.teamId);
            expect(inTeam.every((session) => session.idleTimeoutSeconds === done.idleTimeoutSeconds)).toBe(true);
          }
        }
      }),
    );
  });

  it('the same twice is the same as once', () => {
    expectNothingTwice(sessions, commands);
  });
});
