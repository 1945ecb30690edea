import { describe, expect, it } from 'vitest';
import { login, type LoginCommand } from '../../src/domain/login/decide.ts';
import type { LoginEvent } from '../../src/domain/login/events.ts';
import { isPlaceProven, loginStatus } from '../../src/domain/login/state.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';

const given = specificationFor(login);
const ids = { loginId: 'login-1', userId: 'ann' };
const facts = { ...ids, deviceId: 'laptop', remember: true, transport: 'cookie' } as const;
const started = (deviceTrusted: boolean): LoginEvent => ({
  type: 'LoginStarted',
  data: { ...facts, deviceTrusted, expiresAt: at({ minutes: 15 }), at: at() },
});
const code = (number: number, seconds: number): LoginEvent => ({
  type: 'DeviceCodeRequested',
  data: { ...ids, codeId: `code-${number}`, number, expiresAt: at({ minutes: 10, seconds }), at: at({ seconds }) },
});
const codeRight = (number: number): LoginEvent => ({
  type: 'LoginDeviceApproved',
  data: { ...ids, deviceId: 'laptop', codeId: `code-${number}`, at: at({ minutes: 2 }) },
});
const clearedByGeo: LoginEvent = {
  type: 'LoginClearedByGeo',
  data: { ...ids, ruleVersion: 1, inputs: null, at: at({ seconds: 1 }) },
};
const goneOn = (reason: 'timeout' | 'provider-down' = 'timeout', seconds = 1): LoginEvent => ({
  type: 'LoginClearedWithoutGeo',
  data: { ...ids, reason, at: at({ seconds }) },
});
const flagged: LoginEvent = {
  type: 'LoginFlagged',
  data: {
    ...ids,
    ruleVersion: 1,
    signals: ['new-country'],
    inputs: null,
    decisionId: 'decision-1',
    expiresAt: at({ hours: 1, seconds: 1 }),
    at: at({ seconds: 1 }),
  },
};
const approvedByUser: LoginEvent = {
  type: 'LoginApprovedByUser',
  data: { ...ids, decisionId: 'decision-1', at: at({ minutes: 1 }) },
};
const deniedByUser: LoginEvent = {
  type: 'LoginDenied',
  data: { ...ids, reason: 'denied-by-user', at: at({ minutes: 1 }) },
};
const deniedByCode: LoginEvent = {
  type: 'LoginDenied',
  data: { ...ids, reason: 'device-code-tries', at: at({ seconds: 1 }) },
};
const completed: LoginEvent = {
  type: 'LoginCompleted',
  data: { ...facts, teamId: 'team-1', roleId: 'owner', sessionId: 'session-1', at: at({ minutes: 1 }) },
};
const trusted = started(true);
const newDevice = [started(false), code(1, 0)];

const now = moment({ seconds: 1 });
const clear: LoginCommand = { type: 'ClearByGeo', ruleVersion: 1, inputs: null, now };
const goOn: LoginCommand = { type: 'ClearWithoutGeo', reason: 'timeout', now };
const flag: LoginCommand = {
  type: 'FlagLogin',
  ruleVersion: 1,
  signals: ['new-country'],
  inputs: null,
  decisionId: 'decision-1',
  now,
};
const decide = (
  decision: 'approve' | 'deny',
  time = moment({ minutes: 1 }),
  decisionId = 'decision-1',
): LoginCommand => ({
  type: 'DecideLogin',
  decision,
  decisionId,
  now: time,
});
const select: LoginCommand = {
  type: 'SelectTeam',
  teamId: 'team-1',
  roleId: 'owner',
  sessionId: 'session-1',
  now: moment({ minutes: 1 }),
};
const statusAfter = (...events: LoginEvent[]) =>
  loginStatus(events.reduce(login.evolve, login.initialState), moment({ minutes: 3 }));

describe('a verdict', () => {
  it('clears or flags a login once', () => {
    given(trusted).when(clear).then(clearedByGeo);
    given(trusted, clearedByGeo).when(clear).thenNothing();
    given(trusted, clearedByGeo).when(flag).thenNothing();
    given(trusted).when(flag).then(flagged);
    given(trusted, flagged).when(flag).thenNothing();
    given(trusted, flagged).when(clear).thenNothing();
    given(trusted, flagged, approvedByUser).when(flag).thenNothing();
  });

  it('may come after the login has gone on without it, and after it is complete', () => {
    given(trusted, goneOn()).when(flag).then(flagged);
    given(trusted, goneOn(), completed).when(flag).then(flagged);
    given(trusted, goneOn(), completed).when(clear).then(clearedByGeo);
  });

  it('does not come after a denial', () => {
    given(...newDevice, deniedByCode)
      .when(flag)
      .thenNothing();
  });

  it('is of a login that began', () => {
    given().when(flag).thenRefused('login-not-found');
  });
});

describe('going on without a verdict', () => {
  it('is recorded once, and only while there is none', () => {
    given(trusted).when(goOn).then(goneOn());
    given(trusted, goneOn('provider-down')).when(goOn).thenNothing();
    given(trusted, flagged).when(goOn).thenNothing();
  });

  it('is recorded by the last step at the latest', () => {
    given(trusted)
      .when(select)
      .then({ ...goneOn(), data: { ...ids, reason: 'timeout', at: at({ minutes: 1 }) } } as LoginEvent, completed);
    given(trusted, clearedByGeo).when(select).then(completed);
  });

  it('is recorded from the start where nobody looks at places', () => {
    const start = { type: 'StartLogin', ...facts, deviceTrusted: true, codeId: 'c', now: moment() } as const;
    given()
      .when({ ...start, placeChecked: true })
      .then(trusted);
    given()
      .when({ ...start, placeChecked: false })
      .then(trusted, { type: 'LoginClearedWithoutGeo', data: { ...ids, reason: 'not-configured', at: at() } });
  });
});

describe('a flagged login', () => {
  it('waits for its owner', () => {
    expect(statusAfter(trusted, flagged)).toBe('location-approval-required');
    given(trusted, flagged).when(select).thenRefused('login-step-not-due');
    expect(statusAfter(trusted, flagged, approvedByUser)).toBe('team-selection-required');
    given(trusted, flagged, approvedByUser).when(select).then(completed);
    expect(statusAfter(trusted, flagged, deniedByUser)).toBe('denied');
    given(trusted, flagged, deniedByUser).when(select).thenRefused('login-denied');
  });

  it('needs its code too on a new device; one from before the flag does not stand for the owner', () => {
    expect(statusAfter(...newDevice, flagged)).toBe('device-approval-required');
    expect(statusAfter(...newDevice, flagged, approvedByUser)).toBe('device-approval-required');
    expect(statusAfter(...newDevice, flagged, codeRight(1))).toBe('location-approval-required');
    expect(statusAfter(...newDevice, flagged, code(2, 60), codeRight(1))).toBe('location-approval-required');
  });

  it('goes on undecided after a code that was sent after the flag', () => {
    const passed = [...newDevice, flagged, code(2, 60), codeRight(2)];
    expect(statusAfter(...passed)).toBe('team-selection-required');
    given(...passed)
      .when(select)
      .then(completed);
    given(...passed, completed)
      .when(decide('deny'))
      .then(deniedByUser);
  });
});

describe("the owner's answer", () => {
  it.each([['before'], ['after']])('is taken %s the login is complete', (when) => {
    const past = when === 'before' ? [trusted, flagged] : [trusted, goneOn(), completed, flagged];
    given(...past)
      .when(decide('approve'))
      .then(approvedByUser);
    given(...past)
      .when(decide('deny'))
      .then(deniedByUser);
  });

  it('is taken once', () => {
    for (const answer of [approvedByUser, deniedByUser]) {
      given(trusted, flagged, answer).when(decide('approve')).thenRefused('login-decision-used');
      given(trusted, flagged, answer).when(decide('deny')).thenRefused('login-decision-used');
    }
  });

  it('is taken for an hour', () => {
    given(trusted, flagged)
      .when(decide('approve', moment({ hours: 1 })))
      .then({ ...approvedByUser, data: { ...approvedByUser.data, at: at({ hours: 1 }) } });
    given(trusted, flagged)
      .when(decide('deny', moment({ hours: 1, seconds: 1 })))
      .thenRefused('login-decision-expired');
  });

  it('is of no use elsewhere', () => {
    given().when(decide('approve')).thenRefused('login-decision-invalid');
    given(trusted).when(decide('approve')).thenRefused('login-decision-invalid');
    given(trusted, clearedByGeo).when(decide('approve')).thenRefused('login-decision-invalid');
    given(trusted, flagged)
      .when(decide('approve', moment({ minutes: 1 }), 'decision-2'))
      .thenRefused('login-decision-invalid');
  });

  it('may still be a denial when wrong codes have ended the login', () => {
    given(...newDevice, flagged, deniedByCode)
      .when(decide('deny'))
      .then(deniedByUser);
  });
});

it('a place is proven by a login that completed without a standing flag, or by its owner', () => {
  const proven = (...events: LoginEvent[]) => isPlaceProven(events.reduce(login.evolve, login.initialState));
  expect(proven(trusted, clearedByGeo)).toBe(false);
  expect(proven(trusted, clearedByGeo, completed)).toBe(true);
  expect(proven(trusted, flagged)).toBe(false);
  expect(proven(trusted, flagged, approvedByUser)).toBe(true);
  expect(proven(trusted, goneOn(), completed, flagged)).toBe(false);
  expect(proven(trusted, goneOn(), completed, flagged, deniedByUser)).toBe(false);
});
