import { describe, expect, it } from 'vitest';
import { sessions, type SessionsCommand } from '../../src/domain/sessions/decide.ts';
import type { SessionsEvent } from '../../src/domain/sessions/events.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';
import { expired, facts, refreshed, revoked, started, superseded } from './session-events.ts';

const given = specificationFor(sessions);
const start = (sessionId: string, maxSessions = 1, now = moment()): SessionsCommand => ({
  type: 'StartSession',
  sessionId,
  ...facts,
  completedAt: now,
  maxSessions,
  now,
});
const refresh = (generation: number, now: Date, lastUsedAt: Date | null = now): SessionsCommand => ({
  type: 'RefreshSession',
  sessionId: 'one',
  generation,
  lastUsedAt,
  now,
});
const logOut: SessionsCommand = { type: 'RevokeSession', sessionId: 'one', reason: 'logged-out', now: moment() };
const expire = (now: Date, lastUsedAt: Date | null): SessionsCommand => ({
  type: 'ExpireSession',
  sessionId: 'one',
  lastUsedAt,
  now,
});

describe('starting a session', () => {
  it('lasts a day, or seven where the person wants to be remembered', () => {
    given().when(start('one')).then(started('one'));
    given()
      .when({ ...start('one'), remember: true } as SessionsCommand)
      .then({
        type: 'SessionStarted',
        data: { sessionId: 'one', ...facts, remember: true, expiresAt: at({ days: 7 }), at: at() },
      });
  });

  it('takes over from the session before, in one append', () => {
    given(started('one')).when(start('two')).then(superseded('one', 'two'), started('two'));
  });

  it('takes over from the oldest ones only, where several are allowed', () => {
    given(started('one')).when(start('two', 2)).then(started('two'));
    given(started('one'), started('two')).when(start('three', 2)).then(superseded('one', 'three'), started('three'));
    given(started('one'), started('two'))
      .when(start('three', 1))
      .then(superseded('one', 'three'), superseded('two', 'three'), started('three'));
  });

  it('says of a session whose time was over that it expired', () => {
    given(started('one'))
      .when(start('two', 1, moment({ days: 1 })))
      .then(expired('absolute', at({ days: 1 })), started('two', 1));
  });

  it('happens once, and an ended session does not come back', () => {
    given(started('one')).when(start('one')).thenNothing();
    given(started('one'), superseded('one', 'two'), started('two')).when(start('one')).thenNothing();
    given(started('one'), revoked('logged-out')).when(start('one')).thenNothing();
  });
});

describe('what follows from a login, repeated', () => {
  const names = Array.from({ length: 25 }, (_, number) => `number-${String(number)}`);
  /** Each takes over from the one before, a second later. */
  const oneAfterTheOther = names.flatMap((name, number): SessionsEvent[] => {
    const before = names[number - 1];
    const taken = before === undefined ? [] : [superseded(before, name, at({ seconds: number }))];
    return [...taken, started(name)];
  });
  const startOnce = (sessionId: string, seconds: number): SessionsCommand => ({
    ...start(sessionId, 1, moment({ seconds: 60 })),
    ...{ completedAt: moment({ seconds }) },
  });

  it('brings no session back, however many have been there since', () => {
    names.forEach((name, number) => {
      given(...oneAfterTheOther)
        .when(startOnce(name, number))
        .thenNothing();
    });
  });

  it('starts the session of a newer login', () => {
    const state = oneAfterTheOther.reduce(sessions.evolve, sessions.initialState);
    const types = sessions.decide(startOnce('newer', 30), state).map(({ type }) => type);
    expect(types).toEqual(['SessionSuperseded', 'SessionStarted']);
  });
});

describe('refreshing a session', () => {
  const one = started('one');
  const third = [one, refreshed(1, at({ minutes: 10 })), refreshed(2, at({ minutes: 20 }))];

  it('hands out the next generation for the newest token', () => {
    given(one)
      .when(refresh(0, moment({ minutes: 10 })))
      .then(refreshed(1, at({ minutes: 10 })));
    given(...third)
      .when(refresh(2, moment({ minutes: 30 })))
      .then(refreshed(3, at({ minutes: 30 })));
  });

  it('honours the token before it for 30 seconds', () => {
    given(...third)
      .when(refresh(1, moment({ minutes: 20 })))
      .thenNothing();
    given(...third)
      .when(refresh(1, moment({ minutes: 20, seconds: 30 })))
      .thenNothing();
  });

  it('takes any other old token for stolen, and revokes the session', () => {
    const late = { minutes: 20, seconds: 31 };
    given(...third)
      .when(refresh(1, moment(late)))
      .then(revoked('refresh-token-reused', at(late)));
    given(...third)
      .when(refresh(0, moment({ minutes: 20 })))
      .then(revoked('refresh-token-reused', at({ minutes: 20 })));
  });

  it('does not know tokens that were never handed out', () => {
    given().when(refresh(0, moment())).thenRefused('refresh-token-invalid');
    given(started('two')).when(refresh(0, moment())).thenRefused('refresh-token-invalid');
    given(one).when(refresh(1, moment())).thenRefused('refresh-token-invalid');
    given(one).when(refresh(-1, moment())).thenRefused('refresh-token-invalid');
  });

  it('says how the session ended', () => {
    const now = moment({ minutes: 1 });
    given(one, superseded('one', 'two')).when(refresh(0, now)).thenRefused('session-superseded');
    given(one, revoked('logged-out')).when(refresh(0, now)).thenRefused('session-revoked');
    given(one, expired('idle')).when(refresh(0, now)).thenRefused('session-idle');
    given(one, expired('absolute')).when(refresh(0, now)).thenRefused('session-expired');
  });

  it('is too late when the time of the session is over, recorded or not', () => {
    const end = moment({ days: 1 });
    given(one, refreshed(1, at({ hours: 23, minutes: 30 })))
      .when(refresh(1, end))
      .thenRefused('session-expired');
    for (const generation of [0, 1, 2]) {
      given(...third)
        .when(refresh(generation, end))
        .thenRefused('session-expired');
    }
  });

  it('is too late when the session was not used for longer than it may be', () => {
    const now = moment({ hours: 2 });
    given(one)
      .when(refresh(0, now, moment({ hours: 1 })))
      .then(refreshed(1, at({ hours: 2 })));
    given(one)
      .when(refresh(0, now, moment({ minutes: 59, seconds: 59 })))
      .thenRefused('session-idle');
  });

  it('lets nobody out because the last use is not known', () => {
    given(one)
      .when(refresh(0, moment({ hours: 20 }), null))
      .then(refreshed(1, at({ hours: 20 })));
  });

  it('counts as a use itself', () => {
    given(one, refreshed(1, at({ minutes: 90 })))
      .when(refresh(1, moment({ hours: 2 }), moment({ minutes: 30 })))
      .then(refreshed(2, at({ hours: 2 })));
  });
});

describe('revoking a session', () => {
  it('ends it once', () => {
    given(started('one')).when(logOut).then(revoked('logged-out'));
    given(started('one'), revoked('logged-out')).when(logOut).thenNothing();
    given(started('one'), superseded('one', 'two')).when(logOut).thenNothing();
    given(started('one'), expired('idle')).when(logOut).thenNothing();
  });

  it('is refused for a session that is not there', () => {
    given().when(logOut).thenRefused('not-found');
    given(started('two')).when(logOut).thenRefused('not-found');
  });
});

describe('the natural end of a session', () => {
  it('is its absolute end', () => {
    const end = moment({ days: 1 });
    given(started('one'))
      .when(expire(end, null))
      .then(expired('absolute', at({ days: 1 })));
    given(started('one'))
      .when(expire(end, end))
      .then(expired('absolute', at({ days: 1 })));
    given(started('one'))
      .when(expire(new Date(end.getTime() - 1), null))
      .thenNothing();
  });

  it('is the end of its idle time', () => {
    const now = moment({ hours: 2 });
    const beforeIdle = moment({ minutes: 59 });
    given(started('one'))
      .when(expire(now, beforeIdle))
      .then(expired('idle', at({ hours: 2 })));
    given(started('one'))
      .when(expire(now, moment({ hours: 1 })))
      .thenNothing();
    given(started('one'), refreshed(1, at({ minutes: 90 })))
      .when(expire(now, beforeIdle))
      .thenNothing();
  });

  it('comes once, to active sessions only', () => {
    const now = moment({ days: 2 });
    given().when(expire(now, null)).thenNothing();
    given(started('one'), expired('absolute')).when(expire(now, null)).thenNothing();
    given(started('one'), revoked('logged-out')).when(expire(now, null)).thenNothing();
  });
});
