import { describe, expect, it } from 'vitest';
import { user, type UserCommand } from '../../src/domain/user/decide.ts';
import type { UserEvent } from '../../src/domain/user/events.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';

const given = specificationFor(user);
const userId = 'ann';
const person = { userId, emailHash: 'a1b2', teamId: 'team-1', credentialId: 'first', deviceId: 'laptop' };
const submitted: UserEvent = {
  type: 'RegistrationSubmitted',
  data: { ...person, email: null, name: null, teamName: null, at: at() },
};
const pending: UserEvent[] = [
  submitted,
  {
    type: 'UserRegistered',
    data: { userId, verificationId: 'link-1', verificationExpiresAt: at({ hours: 24 }), at: at() },
  },
];
const active: UserEvent[] = [
  ...pending,
  {
    type: 'EmailVerified',
    data: { userId, verificationId: 'link-1', teamId: 'team-1', trustedDeviceId: null, at: at() },
  },
];
const issued = (resetId: string, hours = 1): UserEvent => ({
  type: 'PasswordResetIssued',
  data: { userId, resetId, expiresAt: at({ hours }), at: at({ hours: hours - 1 }) },
});
const forced: UserEvent = { type: 'PasswordChangeForced', data: { userId, by: null, at: at() } };
const offered: UserEvent = {
  type: 'PasswordChangeOffered',
  data: { userId, loginId: 'login-1', changeId: 'offer', expiresAt: at({ minutes: 15 }), at: at() },
};
const changed = (
  credentialId: string,
  reason: 'reset' | 'change' | 'forced',
  { before = 'first', keepSessionId = null }: { before?: string; keepSessionId?: string | null } = {},
): UserEvent => ({
  type: 'PasswordChanged',
  data: { userId, credentialId, replacedCredentialId: before, reason, keepSessionId, at: at() },
});
const wrong: UserEvent = { type: 'LoginFailed', data: { userId, loginId: 'l', reason: 'wrong-password', at: at() } };
const locked: UserEvent = {
  type: 'AccountLocked',
  data: { userId, until: at({ minutes: 15 }), lockMinutes: 15, at: at() },
};

const issue = (resetId: string, now = moment(), requestedAt = at()): UserCommand => ({
  type: 'IssuePasswordReset',
  userId,
  resetId,
  requestedAt,
  now,
});
type Proof = Extract<UserCommand, { type: 'ChangePassword' }>['proof'];
const byLink = (resetId: string): Proof => ({ kind: 'reset-link', resetId });
const byToken = (changeId: string): Proof => ({ kind: 'change-token', changeId });
const byPassword = (credentialId: string): Proof => ({ kind: 'current-password', credentialId });
const change = (
  proof: Proof,
  { now = moment(), credentialId = 'second', keepSessionId = null as string | null } = {},
) => ({ type: 'ChangePassword', userId, credentialId, keepSessionId, proof, now }) as const;
const login = (passwordMatches: boolean, trustedDeviceId: string | null = null): UserCommand => ({
  type: 'RecordLogin',
  userId,
  loginId: 'login-1',
  passwordMatches,
  trustedDeviceId,
  now: moment(),
});

describe('a link for a new password', () => {
  it('is issued once for a request, and good for an hour from then', () => {
    given(...active)
      .when(issue('link', moment({ minutes: 5 })))
      .then({
        type: 'PasswordResetIssued',
        data: { userId, resetId: 'link', expiresAt: at({ hours: 1 }), at: at({ minutes: 5 }) },
      });
    given(...active, issued('link'), issued('newer'))
      .when(issue('link'))
      .thenNothing();
  });

  it('is not issued where the hour is over, nor to somebody without an account', () => {
    given(...active)
      .when(issue('link', moment({ hours: 1 })))
      .thenNothing();
    given(...pending)
      .when(issue('link'))
      .thenNothing();
    given().when(issue('link')).thenNothing();
  });

  it('works until its end', () => {
    given(...active, issued('link'))
      .when(change(byLink('link'), { now: moment({ minutes: 59, seconds: 59 }) }))
      .then({
        type: 'PasswordChanged',
        data: {
          userId,
          credentialId: 'second',
          replacedCredentialId: 'first',
          reason: 'reset',
          keepSessionId: null,
          at: at({ minutes: 59, seconds: 59 }),
        },
      });
    given(...active, issued('link'))
      .when(change(byLink('link'), { now: moment({ hours: 1 }) }))
      .thenRefused('reset-token-expired');
  });

  it('works once, and only the newest', () => {
    given(...active, issued('link'), changed('second', 'reset'))
      .when(change(byLink('link'), { credentialId: 'third' }))
      .thenRefused('reset-token-used');
    given(...active, issued('link'), issued('newer'))
      .when(change(byLink('link')))
      .thenRefused('reset-token-used');
    given(...active, issued('link'), issued('newer'))
      .when(change(byLink('newer')))
      .then(changed('second', 'reset'));
  });

  it('is worth nothing after any other change, or when the change is demanded', () => {
    given(...active, issued('link'), changed('second', 'change', { keepSessionId: 'desk' }))
      .when(change(byLink('link'), { credentialId: 'third' }))
      .thenRefused('reset-token-used');
    given(...active, issued('link'), forced)
      .when(change(byLink('link')))
      .thenRefused('reset-token-used');
  });

  it('that nobody issued is no link', () => {
    given(...active)
      .when(change(byLink('link')))
      .thenRefused('reset-token-invalid');
    given(...pending)
      .when(change(byLink('link')))
      .thenRefused('reset-token-invalid');
    given(...active, forced, offered)
      .when(change(byLink('offer')))
      .thenRefused('reset-token-invalid');
  });

  it('takes the lock and the failures away', () => {
    const nine = Array.from({ length: 9 }, () => wrong);
    given(...active, ...nine, wrong, locked, issued('link'), changed('second', 'reset'))
      .when(login(true))
      .thenNothing();
    given(...active, ...nine, issued('link'), changed('second', 'reset'))
      .when(login(false))
      .then({ ...wrong, data: { ...wrong.data, loginId: 'login-1' } });
  });
});

describe('a change with the current password', () => {
  it('keeps the session that it comes from', () => {
    given(...active)
      .when(change(byPassword('first'), { keepSessionId: 'desk' }))
      .then(changed('second', 'change', { keepSessionId: 'desk' }));
  });

  it('is refused where another change came first', () => {
    given(...active, changed('second', 'reset'))
      .when(change(byPassword('first'), { credentialId: 'third' }))
      .thenRefused('current-password-wrong');
  });
});

describe('a password that has to be changed', () => {
  it('is demanded once, of somebody with an account', () => {
    given(...active)
      .when({ type: 'ForcePasswordChange', userId, by: null, now: moment() })
      .then(forced);
    given(...active, forced)
      .when({ type: 'ForcePasswordChange', userId, by: 'admin', now: moment() })
      .thenNothing();
    for (const past of [[], pending]) {
      given(...past)
        .when({ type: 'ForcePasswordChange', userId, by: 'admin', now: moment() })
        .thenRefused('not-found');
    }
  });

  it('lets nobody in, and says so only to who knows it', () => {
    const refused = { userId, loginId: 'login-1', reason: 'password-change-required', at: at() } as const;
    given(...active, forced)
      .when(login(true))
      .then({ type: 'LoginFailed', data: refused });
    given(...active, forced)
      .when(login(true, 'laptop'))
      .then({ type: 'DeviceLoginFailed', data: { ...refused, deviceId: 'laptop' } });
    given(...active, forced)
      .when(login(false))
      .then({ ...wrong, data: { ...wrong.data, loginId: 'login-1' } });
    given(...active, ...Array.from({ length: 10 }, () => wrong), locked, forced)
      .when(login(true))
      .then({ type: 'LoginFailed', data: { ...refused, reason: 'account-locked' } });
  });

  it('may be changed with the newest token of a trusted device, once and for 15 minutes', () => {
    const offer = {
      type: 'OfferPasswordChange',
      userId,
      loginId: 'login-1',
      changeId: 'offer',
      now: moment(),
    } as const;
    given(...active, forced)
      .when(offer)
      .then(offered);
    given(...active, forced, offered)
      .when(offer)
      .thenNothing();
    given(...active)
      .when(offer)
      .thenNothing();
    given(...active, forced, offered)
      .when(change(byToken('offer')))
      .then(changed('second', 'forced'));
    given(...active, forced, offered)
      .when(change(byToken('offer'), { now: moment({ minutes: 15 }) }))
      .thenRefused('reset-token-expired');
    given(...active, forced, offered, changed('second', 'forced'))
      .when(change(byToken('offer'), { credentialId: 'third' }))
      .thenRefused('reset-token-used');
    given(...active, forced)
      .when(change(byToken('offer')))
      .thenRefused('reset-token-invalid');
  });

  it('may be changed with a link, and is no longer demanded then', () => {
    given(...active, forced, issued('link'))
      .when(change(byLink('link')))
      .then(changed('second', 'forced'));
    given(...active, forced, issued('link'), changed('second', 'forced'))
      .when(login(true))
      .thenNothing();
  });
});

it('a new hash of the same password changes nothing else, and only of the one that counts', () => {
  const rehash = { scheme: 'bcrypt-hmac-sha384-12', pepperVersion: 2, now: moment() };
  const data = { userId, credentialId: 'first', scheme: rehash.scheme, pepperVersion: 2, at: at() };
  given(...active)
    .when({ type: 'RecordRehash', userId, credentialId: 'first', ...rehash })
    .then({ type: 'PasswordRehashed', data });
  given(...active, changed('second', 'change'))
    .when({ type: 'RecordRehash', userId, credentialId: 'first', ...rehash })
    .thenNothing();
  const before = active.reduce(user.evolve, user.initialState);
  expect(user.evolve(before, { type: 'PasswordRehashed', data })).toEqual(before);
});
