import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { user, type UserCommand } from '../../src/domain/user/decide.ts';
import type { UserEvent } from '../../src/domain/user/events.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';
import { expectNothingTwice, inOrder, play } from './properties.ts';

const given = specificationFor(user);
const userId = 'ann';
const loginId = 'login-1';
const person = { userId, emailHash: 'a1b2', teamId: 'team-1', credentialId: 'credential-1', deviceId: 'laptop' };
const submitted: UserEvent = {
  type: 'RegistrationSubmitted',
  data: { ...person, email: null, name: null, teamName: null, at: at() },
};
const registered: UserEvent = {
  type: 'UserRegistered',
  data: { userId, verificationId: 'link-1', verificationExpiresAt: at({ hours: 24 }), at: at() },
};
const verified: UserEvent = {
  type: 'EmailVerified',
  data: { userId, verificationId: 'link-1', teamId: 'team-1', trustedDeviceId: null, at: at() },
};
const pending = [submitted, registered];
const active = [...pending, verified];
const wrong: UserEvent = { type: 'LoginFailed', data: { userId, loginId, reason: 'wrong-password', at: at() } };
const nineWrong = Array.from({ length: 9 }, () => wrong);
const lockedFor = (lockMinutes: number): UserEvent => ({
  type: 'AccountLocked',
  data: { userId, until: at({ minutes: lockMinutes }), lockMinutes, at: at() },
});
const cleared: UserEvent = { type: 'LoginFailuresCleared', data: { userId, loginId, at: at() } };

const login = (passwordMatches: boolean, now = moment()): UserCommand => ({
  type: 'RecordLogin',
  userId,
  loginId,
  passwordMatches,
  trustedDeviceId: null,
  now,
});

describe('a login with the right password', () => {
  it('leaves nothing when nothing has failed', () => {
    given(...active)
      .when(login(true))
      .thenNothing();
    given(...active, wrong, cleared)
      .when(login(true))
      .thenNothing();
  });

  it('forgives the failures before it', () => {
    given(...active, wrong)
      .when(login(true))
      .then(cleared);
    given(...active, ...nineWrong, wrong, lockedFor(15))
      .when(login(true, moment({ minutes: 15 })))
      .then({ type: 'LoginFailuresCleared', data: { userId, loginId, at: at({ minutes: 15 }) } });
  });

  it('fails while the address is not verified, and that is not counted', () => {
    const notVerified: UserEvent = {
      type: 'LoginFailed',
      data: { userId, loginId, reason: 'email-not-verified', at: at() },
    };
    given(...pending)
      .when(login(true))
      .then(notVerified);
    given(...pending, ...nineWrong, notVerified)
      .when(login(true))
      .then(notVerified);
    given(...pending, ...nineWrong.slice(1), notVerified)
      .when(login(false))
      .then(wrong);
  });

  it('fails while the account is locked', () => {
    const lockedOut = (time: string): UserEvent => ({
      type: 'LoginFailed',
      data: { userId, loginId, reason: 'account-locked', at: time },
    });
    const last = { minutes: 14, seconds: 59 };
    for (const matches of [true, false]) {
      given(...active, ...nineWrong, wrong, lockedFor(15))
        .when(login(matches, moment(last)))
        .then(lockedOut(at(last)));
      given(...pending, ...nineWrong, wrong, lockedFor(15))
        .when(login(matches, moment(last)))
        .then(lockedOut(at(last)));
    }
  });
});

describe('a login with a wrong password', () => {
  it('is recorded', () => {
    given(...active)
      .when(login(false))
      .then(wrong);
    given(...pending)
      .when(login(false))
      .then(wrong);
  });

  it('locks the account for 15 minutes at the tenth in a row', () => {
    given(...active, ...nineWrong.slice(1))
      .when(login(false))
      .then(wrong);
    given(...active, ...nineWrong)
      .when(login(false))
      .then(wrong, lockedFor(15));
    given(...pending, ...nineWrong)
      .when(login(false))
      .then(wrong, lockedFor(15));
  });

  it('starts to count again after a success, and after a lock', () => {
    given(...active, ...nineWrong, cleared)
      .when(login(false))
      .then(wrong);
    const later = moment({ hours: 1 });
    const wrongLater: UserEvent = {
      type: 'LoginFailed',
      data: { userId, loginId, reason: 'wrong-password', at: later.toISOString() },
    };
    given(...active, ...nineWrong, wrong, lockedFor(15))
      .when(login(false, later))
      .then(wrongLater);
  });

  it('keeps counting when the address is verified in between', () => {
    given(...pending, ...nineWrong, verified)
      .when(login(false))
      .then(wrong, lockedFor(15));
  });
});

it('is a bug to record a login of somebody who has no password here', () => {
  for (const matches of [true, false]) {
    given().when(login(matches)).thenFails();
    given(submitted).when(login(matches)).thenFails();
    given(submitted, { type: 'RegistrationRefused', data: { userId, reason: 'address-taken', at: at() } })
      .when(login(matches))
      .thenFails();
    given(...pending, { type: 'RegistrationLapsed', data: { userId, emailHash: 'a1b2', at: at() } })
      .when(login(matches))
      .thenFails();
  }
});

describe('any history of logins', () => {
  const setUp: UserCommand[] = [
    { type: 'SubmitRegistration', ...person, email: 'a@b.c', name: 'Ann', teamName: 'Lee', now: moment() },
    { type: 'AcceptRegistration', userId, verificationId: 'link-1', now: moment() },
    { type: 'VerifyEmail', userId, verificationId: 'link-1', deviceId: null, now: moment() },
  ];
  const rightOneIn = (wrongOnes: number) => (now: Date) =>
    fc.integer({ min: 0, max: wrongOnes }).map((dice) => login(dice === 0, now));

  it('is not changed by the same right password twice', () => {
    const commands = inOrder(rightOneIn(3), { start: moment(), maxStepSeconds: 300 });
    expectNothingTwice(
      user,
      commands.map((sequence) => [...setUp, ...sequence]),
      ({ type }) => type === 'LoginFailed',
    );
  });

  it('locks for 15 minutes first and for double the time after that, up to 24 hours', () => {
    // Every attempt comes when a lock of any length is over.
    const commands = Array.from({ length: 120 }, (_, day) => login(false, moment({ days: day + 1 })));
    const minutes = play(user, [...setUp, ...commands])
      .flatMap(({ events }) => events)
      .flatMap((event) => (event.type === 'AccountLocked' ? [event.data.lockMinutes] : []));
    expect(minutes).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440, 1440, 1440]);
  });

  it('starts the doubling again after a success, and only then', () => {
    const commands = inOrder(rightOneIn(40), { start: moment(), maxStepSeconds: 36 * 3600, maxLength: 150 });
    fc.assert(
      fc.property(commands, (sequence) => {
        let expected = 15;
        for (const event of play(user, [...setUp, ...sequence]).flatMap(({ events }) => events)) {
          if (event.type === 'LoginFailuresCleared') expected = 15;
          if (event.type !== 'AccountLocked') continue;
          expect(event.data.lockMinutes).toBe(expected);
          expect(Date.parse(event.data.until) - Date.parse(event.data.at)).toBe(expected * 60_000);
          expected = Math.min(expected * 2, 1440);
        }
      }),
    );
  });

  it('never lets ten wrong passwords in a row pass without a lock, and none through while locked', () => {
    const commands = inOrder(rightOneIn(15), { start: moment(), maxStepSeconds: 300, maxLength: 120 });
    fc.assert(
      fc.property(commands, (sequence) => {
        let [row, lockedUntil] = [0, 0];
        for (const { command, events } of play(user, [...setUp, ...sequence])) {
          if (command.type !== 'RecordLogin') continue;
          const wentOn = !events.some(({ type }) => type === 'LoginFailed');
          if (command.now.getTime() < lockedUntil) expect(wentOn).toBe(false);
          for (const event of events) {
            if (event.type === 'LoginFailed' && event.data.reason === 'wrong-password') row += 1;
            if (event.type === 'AccountLocked') [row, lockedUntil] = [0, Date.parse(event.data.until)];
          }
          if (wentOn) row = 0;
          expect(row).toBeLessThan(10);
        }
      }),
    );
  });
});
