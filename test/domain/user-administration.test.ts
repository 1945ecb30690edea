import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AdministrationCommand } from '../../src/domain/user/administration.ts';
import { user, type UserCommand } from '../../src/domain/user/decide.ts';
import type { UserEvent } from '../../src/domain/user/events.ts';
import { failureIn } from '../../src/domain/user/record-login.ts';
import { barOf, passwordGenerationOf } from '../../src/domain/user/state.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice, inOrder, play } from './properties.ts';

const given = specificationFor(user);
const userId = 'ann';
const loginId = 'login-1';
const person = { userId, emailHash: 'a1b2', teamId: 'team-1', credentialId: 'first', deviceId: 'laptop' };
const pending: UserEvent[] = [
  { type: 'RegistrationSubmitted', data: { ...person, email: null, name: null, teamName: null, at: at() } },
  {
    type: 'UserRegistered',
    data: { userId, verificationId: 'link-1', verificationExpiresAt: at({ days: 1 }), at: at() },
  },
];
const active: UserEvent[] = [
  ...pending,
  {
    type: 'EmailVerified',
    data: { userId, verificationId: 'link-1', teamId: 'team-1', trustedDeviceId: null, at: at() },
  },
];
const event = (type: 'UserLocked' | 'UserUnlocked' | 'UserDeactivated' | 'UserReactivated'): UserEvent => ({
  type,
  data: { userId, at: at() },
});
const wrong: UserEvent = { type: 'LoginFailed', data: { userId, loginId, reason: 'wrong-password', at: at() } };
const deviceLocked: UserEvent = {
  type: 'DeviceLoginLocked',
  data: { userId, deviceId: 'laptop', until: at({ minutes: 15 }), lockMinutes: 15, at: at() },
};
const does = (type: AdministrationCommand['type']): UserCommand => ({ type, userId, now: moment() });
const login = (passwordMatches: boolean, trustedDeviceId: string | null = null): UserCommand => ({
  ...{ type: 'RecordLogin', userId, loginId, passwordMatches, trustedDeviceId },
  now: moment(),
});
const failed = (reason: 'wrong-password' | 'account-locked' | 'account-deactivated'): UserEvent => ({
  type: 'LoginFailed',
  data: { userId, loginId, reason, at: at() },
});
const failedOnLaptop = (reason: 'account-locked' | 'account-deactivated' | 'wrong-password'): UserEvent => ({
  type: 'DeviceLoginFailed',
  data: { userId, loginId, deviceId: 'laptop', reason, at: at() },
});

describe('an administrator', () => {
  it.each([
    ['LockUser', 'UserLocked'],
    ['DeactivateUser', 'UserDeactivated'],
  ] as const)('does %s once', (command, done) => {
    given(...active)
      .when(does(command))
      .then(event(done));
    given(...active, event(done))
      .when(does(command))
      .thenNothing();
  });

  it('undoes what was done, and nothing else', () => {
    given(...active, event('UserLocked'))
      .when(does('UnlockUser'))
      .then(event('UserUnlocked'));
    given(...active, event('UserDeactivated'))
      .when(does('ReactivateUser'))
      .then(event('UserReactivated'));
    given(...active, event('UserDeactivated'))
      .when(does('UnlockUser'))
      .thenNothing();
    given(...active, event('UserLocked'))
      .when(does('ReactivateUser'))
      .thenNothing();
  });

  it('lifts the locks of failures too, on devices and elsewhere, and their counts', () => {
    for (const failure of [wrong, deviceLocked, failedOnLaptop('wrong-password')]) {
      given(...active, failure)
        .when(does('UnlockUser'))
        .then(event('UserUnlocked'));
      given(...active, failure, event('UserUnlocked'))
        .when(does('UnlockUser'))
        .thenNothing();
    }
    given(...active, deviceLocked, event('UserUnlocked'))
      .when(login(true, 'laptop'))
      .thenNothing();
  });

  it('finds no account where nobody has verified one', () => {
    for (const type of ['LockUser', 'UnlockUser', 'DeactivateUser', 'ReactivateUser'] as const) {
      given().when(does(type)).thenRefused('not-found');
      given(...pending)
        .when(does(type))
        .thenRefused('not-found');
    }
  });
});

describe('a login to a locked account', () => {
  it('is told apart by nobody, whatever the password and the device', () => {
    const locked = [...active, event('UserLocked')];
    for (const matches of [true, false]) {
      given(...locked)
        .when(login(matches))
        .then(failed('account-locked'));
      given(...locked)
        .when(login(matches, 'laptop'))
        .then(failedOnLaptop('account-locked'));
      given(...locked, event('UserDeactivated'))
        .when(login(matches))
        .then(failed('account-locked'));
    }
  });
});

describe('a login to a deactivated account', () => {
  it('is told so with the right password only', () => {
    const deactivated = [...active, event('UserDeactivated')];
    given(...deactivated)
      .when(login(true))
      .then(failed('account-deactivated'));
    given(...deactivated)
      .when(login(true, 'laptop'))
      .then(failedOnLaptop('account-deactivated'));
    given(...deactivated)
      .when(login(false))
      .then(failed('wrong-password'));
  });

  it('works again once it is active', () => {
    given(...active, event('UserDeactivated'), event('UserReactivated'))
      .when(login(true))
      .thenNothing();
  });
});

describe('a password', () => {
  const reset: UserEvent = {
    type: 'PasswordResetIssued',
    data: { userId, resetId: 'r', expiresAt: at({ hours: 1 }), at: at() },
  };
  const change: UserCommand = {
    ...{ type: 'ChangePassword', userId, credentialId: 'second', keepSessionId: null },
    ...{ proof: { kind: 'reset-link', resetId: 'r' }, now: moment() },
  };

  it('cannot be reset with a link from before, nor get a new one', () => {
    for (const bar of [event('UserLocked'), event('UserDeactivated')]) {
      given(...active, reset, bar)
        .when(change)
        .thenRefused('reset-token-used');
      given(...active, bar)
        .when({ type: 'IssuePasswordReset', userId, resetId: 'r', requestedAt: at(), now: moment() })
        .thenNothing();
      given(...active, { type: 'PasswordChangeForced', data: { userId, by: null, at: at() } }, bar)
        .when({ type: 'OfferPasswordChange', userId, loginId, changeId: 'c', now: moment() })
        .thenNothing();
      given(...active, bar)
        .when({ ...change, proof: { kind: 'current-password', credentialId: 'first' } })
        .thenRefused('current-password-wrong');
    }
  });
});

describe('any history', () => {
  const setUp: UserCommand[] = [
    { type: 'SubmitRegistration', ...person, email: 'a@b.c', name: 'Ann', teamName: 'Lee', now: moment() },
    { type: 'AcceptRegistration', userId, verificationId: 'link-1', now: moment() },
    { type: 'VerifyEmail', userId, verificationId: 'link-1', deviceId: null, now: moment() },
  ];
  const command = (now: Date): fc.Arbitrary<UserCommand> =>
    fc.oneof(
      fc
        .constantFrom('LockUser', 'UnlockUser', 'DeactivateUser', 'ReactivateUser')
        .map((type) => ({ type, userId, now }) as const),
      fc
        .tuple(fc.boolean(), fc.constantFrom(null, 'laptop', 'phone'))
        .map(
          ([passwordMatches, trustedDeviceId]) =>
            ({ type: 'RecordLogin', userId, loginId, passwordMatches, trustedDeviceId, now }) as const,
        ),
      fc.constant({ type: 'ForcePasswordChange', userId, by: null, now } as const),
      fc.constant({ type: 'IssuePasswordReset', userId, resetId: 'r', requestedAt: now.toISOString(), now } as const),
    );
  const sequences = inOrder(command, { start: moment(), maxStepSeconds: 1200 }).map((made) => [...setUp, ...made]);

  it('folds', () => {
    const types = ['UserLocked', 'UserUnlocked', 'UserDeactivated', 'UserReactivated'] as const;
    expectAnyFold(
      user,
      fc.oneof(fc.constantFrom(...types).map(event), fc.constantFrom(...active, wrong, deviceLocked)),
    );
  });

  it('is not changed by the same decision twice', () => {
    expectNothingTwice(user, sequences, ({ type }) => /Failed$|Locked$|Cleared$/.test(type) && type !== 'UserLocked');
  });

  it('never lets anybody log in who is locked or deactivated, and closes what they had begun', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        for (const { command: made, events, before, after } of play(user, sequence)) {
          const isBarred = barOf(before) !== undefined;
          if (made.type === 'RecordLogin' && isBarred) expect(failureIn(events)).toBeDefined();
          if (made.type === 'IssuePasswordReset' && isBarred) expect(events).toEqual([]);
          if (events.some(({ type }) => type === 'UserLocked' || type === 'UserDeactivated')) {
            expect(passwordGenerationOf(after)).toBe(passwordGenerationOf(before) + 1);
            expect(after.status === 'active' && after.resets.some(({ open }) => open)).toBe(false);
          }
        }
      }),
    );
  });
});
