import { describe, expect, it } from 'vitest';
import { login, type LoginCommand } from '../../src/domain/login/decide.ts';
import type { LoginEvent } from '../../src/domain/login/events.ts';
import { acceptableCodeIds, loginStatus } from '../../src/domain/login/state.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';

const given = specificationFor(login);
const ids = { loginId: 'login-1', userId: 'ann' };
const facts = { ...ids, deviceId: 'laptop', remember: true, transport: 'cookie' } as const;
const startedWith = (deviceTrusted: boolean): LoginEvent => ({
  type: 'LoginStarted',
  data: { ...facts, deviceTrusted, expiresAt: at({ minutes: 15 }), at: at() },
});
const code = (number: number, minutes: number): LoginEvent => ({
  type: 'DeviceCodeRequested',
  data: { ...ids, codeId: `code-${number}`, number, expiresAt: at({ minutes: minutes + 10 }), at: at({ minutes }) },
});
const rejected = (tries: number, codeId = 'code-1'): LoginEvent => ({
  type: 'DeviceCodeRejected',
  data: { ...ids, codeId, tries, at: at({ minutes: 1 }) },
});
const denied = (reason: 'device-code-tries' | 'device-code-resends', minutes = 1): LoginEvent => ({
  type: 'LoginDenied',
  data: { ...ids, reason, at: at({ minutes }) },
});
const approved: LoginEvent = {
  type: 'LoginDeviceApproved',
  data: { ...ids, deviceId: 'laptop', codeId: 'code-1', at: at({ minutes: 1 }) },
};
const completed: LoginEvent = {
  type: 'LoginCompleted',
  data: { ...facts, teamId: 'team-1', roleId: 'owner', sessionId: 'session-1', at: at({ minutes: 1 }) },
};
const cleared: LoginEvent = {
  type: 'LoginClearedWithoutGeo',
  data: { ...ids, reason: 'not-configured', at: at() },
};
const newDevice = [startedWith(false), cleared, code(1, 0)];
const trusted = [startedWith(true), cleared];

const start = (deviceTrusted: boolean): LoginCommand => ({
  type: 'StartLogin',
  ...facts,
  deviceTrusted,
  codeId: 'code-1',
  placeChecked: false,
  now: moment(),
});
const approve = (matchingCodeId: string | null, now = moment({ minutes: 1 })): LoginCommand => ({
  type: 'ApproveDevice',
  matchingCodeId,
  now,
});
const resend = (number: number, now: Date): LoginCommand => ({
  type: 'ResendDeviceCode',
  codeId: `code-${number}`,
  now,
});
const select = (teamId = 'team-1', now = moment({ minutes: 1 })): LoginCommand => ({
  type: 'SelectTeam',
  teamId,
  roleId: 'owner',
  sessionId: 'session-1',
  now,
});
const after = (...events: LoginEvent[]) => events.reduce(login.evolve, login.initialState);

describe('starting a login', () => {
  it('asks for a code on a new device', () => {
    given()
      .when(start(false))
      .then(...newDevice);
  });

  it('asks for none on a trusted device', () => {
    given()
      .when(start(true))
      .then(...trusted);
  });

  it('happens once', () => {
    given(...newDevice)
      .when(start(false))
      .thenNothing();
    given(...trusted, completed)
      .when(start(true))
      .thenNothing();
  });
});

describe('typing the code', () => {
  it('approves the device, once', () => {
    given(...newDevice)
      .when(approve('code-1'))
      .then(approved);
    given(...newDevice, approved)
      .when(approve('code-1'))
      .thenNothing();
    given(...newDevice, approved, completed)
      .when(approve('code-1'))
      .thenNothing();
  });

  it('counts wrong codes, and denies the login at the fifth', () => {
    given(...newDevice)
      .when(approve(null))
      .then(rejected(1));
    given(...newDevice, rejected(1), rejected(2), rejected(3))
      .when(approve(null))
      .then(rejected(4));
    given(...newDevice, rejected(1), rejected(2), rejected(3), rejected(4))
      .when(approve(null))
      .then(rejected(5), denied('device-code-tries'));
  });

  it('counts over all codes of the login, and names the newest', () => {
    given(...newDevice, rejected(4), code(2, 1))
      .when(approve(null))
      .then(rejected(5, 'code-2'), denied('device-code-tries'));
  });

  it('still approves at the fifth try when the code is right', () => {
    given(...newDevice, rejected(4))
      .when(approve('code-1'))
      .then(approved);
  });

  it('does not take the word of the caller for a code that is not acceptable', () => {
    given(...newDevice)
      .when(approve('code-of-another-login'))
      .then(rejected(1));
    given(...newDevice, code(2, 1), code(3, 2))
      .when(approve('code-1', moment({ minutes: 3 })))
      .then({ type: 'DeviceCodeRejected', data: { ...ids, codeId: 'code-3', tries: 1, at: at({ minutes: 3 }) } });
  });

  it('accepts the newest two codes, each until its own end', () => {
    const three = [...newDevice, code(2, 1), code(3, 3)];
    expect(acceptableCodeIds(after(...three), moment({ minutes: 4 }))).toEqual(['code-2', 'code-3']);
    expect(acceptableCodeIds(after(...three), moment({ minutes: 11 }))).toEqual(['code-3']);
    expect(acceptableCodeIds(after(...three), moment({ minutes: 13 }))).toEqual([]);
    expect(acceptableCodeIds(after(...newDevice, approved), moment())).toEqual([]);
    given(...three)
      .when(approve('code-2', moment({ minutes: 4 })))
      .then({
        type: 'LoginDeviceApproved',
        data: { ...ids, deviceId: 'laptop', codeId: 'code-2', at: at({ minutes: 4 }) },
      });
  });

  it('is too late when every code has expired, and costs no try', () => {
    given(...newDevice)
      .when(approve('code-1', moment({ minutes: 9, seconds: 59 })))
      .then({
        type: 'LoginDeviceApproved',
        data: { ...ids, deviceId: 'laptop', codeId: 'code-1', at: at({ minutes: 9, seconds: 59 }) },
      });
    given(...newDevice)
      .when(approve('code-1', moment({ minutes: 10 })))
      .thenRefused('device-code-expired');
    given(...newDevice)
      .when(approve(null, moment({ minutes: 10 })))
      .thenRefused('device-code-expired');
  });

  it('is refused when no code is due', () => {
    given().when(approve('code-1')).thenRefused('login-not-found');
    given(...trusted)
      .when(approve('code-1'))
      .thenRefused('login-step-not-due');
    given(...trusted, completed)
      .when(approve('code-1'))
      .thenRefused('login-step-not-due');
    given(...newDevice, denied('device-code-tries'))
      .when(approve('code-1'))
      .thenRefused('login-denied');
    given(...newDevice, code(2, 14))
      .when(approve('code-2', moment({ minutes: 15 })))
      .thenRefused('login-expired');
  });
});

describe('asking for another code', () => {
  it('gives one after a minute', () => {
    given(...newDevice)
      .when(resend(2, moment({ minutes: 1 })))
      .then(code(2, 1));
  });

  it('says how long to wait before that', () => {
    given(...newDevice)
      .when(resend(2, moment({ seconds: 59 })))
      .thenRefused('device-code-resend-too-early', { retryAfterSeconds: 1 });
    given(...newDevice, code(2, 1))
      .when(resend(3, new Date(moment({ minutes: 1 }).getTime() + 500)))
      .thenRefused('device-code-resend-too-early', { retryAfterSeconds: 60 });
  });

  it('is satisfied by the code that it asks for', () => {
    given(...newDevice, code(2, 1))
      .when(resend(2, moment({ minutes: 1 })))
      .thenNothing();
  });

  it('gives three more at most; then the login is dead', () => {
    given(...newDevice, code(2, 1), code(3, 2))
      .when(resend(4, moment({ minutes: 3 })))
      .then(code(4, 3));
    given(...newDevice, code(2, 1), code(3, 2), code(4, 3))
      .when(resend(5, moment({ minutes: 4 })))
      .then(denied('device-code-resends', 4));
  });

  it('is refused when no code is due', () => {
    const time = moment({ minutes: 2 });
    given().when(resend(2, time)).thenRefused('login-not-found');
    given(...trusted)
      .when(resend(2, time))
      .thenRefused('login-step-not-due');
    given(...newDevice, approved)
      .when(resend(2, time))
      .thenRefused('login-step-not-due');
    given(...newDevice, denied('device-code-tries'))
      .when(resend(2, time))
      .thenRefused('login-denied');
    given(...newDevice)
      .when(resend(2, moment({ minutes: 15 })))
      .thenRefused('login-expired');
  });
});

describe('selecting a team', () => {
  it('completes the login', () => {
    given(...trusted)
      .when(select())
      .then(completed);
    given(...newDevice, approved)
      .when(select())
      .then(completed);
  });

  it('is satisfied for the same team, also later; no other team can follow', () => {
    given(...trusted, completed)
      .when(select())
      .thenNothing();
    given(...trusted, completed)
      .when(select('team-1', moment({ minutes: 20 })))
      .thenNothing();
    given(...trusted, completed)
      .when(select('team-2'))
      .thenRefused('login-step-not-due');
  });

  it('is refused while it is not due', () => {
    given().when(select()).thenRefused('login-not-found');
    given(...newDevice)
      .when(select())
      .thenRefused('login-step-not-due');
    given(...newDevice, denied('device-code-resends'))
      .when(select())
      .thenRefused('login-denied');
    given(...trusted)
      .when(select('team-1', moment({ minutes: 15 })))
      .thenRefused('login-expired');
    given(...newDevice)
      .when(select('team-1', moment({ minutes: 15 })))
      .thenRefused('login-expired');
  });
});

describe('the status of a login', () => {
  it('says what to do next', () => {
    expect(loginStatus(after(...newDevice), moment())).toBe('device-approval-required');
    expect(loginStatus(after(...newDevice, approved), moment())).toBe('team-selection-required');
    expect(loginStatus(after(...trusted), moment())).toBe('team-selection-required');
    expect(loginStatus(after(...trusted, completed), moment())).toBe('completed');
    expect(loginStatus(after(...newDevice, denied('device-code-tries')), moment())).toBe('denied');
  });

  it('is expired after 15 minutes unless it has come to another end', () => {
    const late = moment({ minutes: 15 });
    expect(loginStatus(after(...newDevice), late)).toBe('expired');
    expect(loginStatus(after(...trusted), late)).toBe('expired');
    expect(loginStatus(after(...trusted), moment({ minutes: 14, seconds: 59 }))).toBe('team-selection-required');
    expect(loginStatus(after(...trusted, completed), late)).toBe('completed');
    expect(loginStatus(after(...newDevice, denied('device-code-tries')), late)).toBe('denied');
  });
});
