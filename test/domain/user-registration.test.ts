import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { user, type UserCommand } from '../../src/domain/user/decide.ts';
import type { UserEvent } from '../../src/domain/user/events.ts';
import { credentialIdOf } from '../../src/domain/user/state.ts';
import { specificationFor } from '../support/given.ts';
import { anyTime, at, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice, inOrder, play } from './properties.ts';

const given = specificationFor(user);
const userId = 'ann';
const person = {
  userId,
  emailHash: 'a1b2',
  email: 'ann@example.com',
  name: 'Ann Lee',
  teamName: 'Lee & Co',
  teamId: 'team-1',
  credentialId: 'credential-1',
  deviceId: 'laptop',
};
const submitted: UserEvent = { type: 'RegistrationSubmitted', data: { ...person, at: at() } };
const registered: UserEvent = {
  type: 'UserRegistered',
  data: { userId, verificationId: 'link-1', verificationExpiresAt: at({ hours: 24 }), at: at() },
};
const linkAgain = (verificationId: string, hours: number): UserEvent => ({
  type: 'VerificationRequested',
  data: { userId, verificationId, verificationExpiresAt: at({ hours: hours + 24 }), at: at({ hours }) },
});
const verified: UserEvent = {
  type: 'EmailVerified',
  data: { userId, verificationId: 'link-1', teamId: 'team-1', trustedDeviceId: null, at: at() },
};
const refused: UserEvent = { type: 'RegistrationRefused', data: { userId, reason: 'address-taken', at: at() } };
const lapsed: UserEvent = { type: 'RegistrationLapsed', data: { userId, emailHash: 'a1b2', at: at() } };

const submit = (now: Date): UserCommand => ({ type: 'SubmitRegistration', ...person, now });
const accept: UserCommand = { type: 'AcceptRegistration', userId, verificationId: 'link-1', now: moment() };
const refuse: UserCommand = { type: 'RefuseRegistration', userId, now: moment() };
const requestLink = (verificationId: string, now: Date): UserCommand => ({
  type: 'RequestVerification',
  userId,
  verificationId,
  now,
});
const verify = (verificationId: string, now: Date, deviceId: string | null = null): UserCommand => ({
  type: 'VerifyEmail',
  userId,
  verificationId,
  deviceId,
  now,
});
const lapse = (now: Date): UserCommand => ({ type: 'LapseRegistration', userId, now });

describe('registering', () => {
  it('records what the person asked for, once', () => {
    given().when(submit(moment())).then(submitted);
    given(submitted)
      .when(submit(moment({ hours: 1 })))
      .thenNothing();
    given(submitted, registered, verified).when(submit(moment())).thenNothing();
  });

  it('is accepted with a link that is good for 24 hours', () => {
    given(submitted).when(accept).then(registered);
  });

  it('is accepted once, and not after its end', () => {
    for (const later of [[registered], [registered, verified], [refused], [lapsed]]) {
      given(submitted, ...later)
        .when(accept)
        .thenNothing();
    }
    given().when(accept).thenFails();
  });

  it('is refused when the address is taken', () => {
    given(submitted).when(refuse).then(refused);
    given(submitted, refused).when(refuse).thenNothing();
    given(submitted, lapsed).when(refuse).thenNothing();
  });

  it('cannot be refused once it was accepted, or before it was made', () => {
    given().when(refuse).thenFails();
    given(submitted, registered).when(refuse).thenFails();
    given(submitted, registered, verified).when(refuse).thenFails();
  });

  it('tells which credential counts only while a login can be tried', () => {
    const credentialAfter = (...events: UserEvent[]) => credentialIdOf(events.reduce(user.evolve, user.initialState));
    expect(credentialAfter()).toBeUndefined();
    expect(credentialAfter(submitted)).toBeUndefined();
    expect(credentialAfter(submitted, registered)).toBe('credential-1');
    expect(credentialAfter(submitted, registered, verified)).toBe('credential-1');
    expect(credentialAfter(submitted, registered, lapsed)).toBeUndefined();
  });
});

describe('asking for another link', () => {
  it('gives a new one while verification is open', () => {
    given(submitted, registered)
      .when(requestLink('link-2', moment({ hours: 3 })))
      .then(linkAgain('link-2', 3));
    given(submitted, registered, linkAgain('link-2', 3))
      .when(requestLink('link-2', moment({ hours: 4 })))
      .thenNothing();
  });

  it('gives none otherwise', () => {
    for (const past of [
      [],
      [submitted],
      [submitted, registered, verified],
      [submitted, refused],
      [submitted, lapsed],
    ]) {
      given(...past)
        .when(requestLink('link-2', moment()))
        .thenNothing();
    }
  });
});

describe('opening the link', () => {
  const expected = (verificationId: string, time: string, trustedDeviceId: string | null = null): UserEvent => ({
    type: 'EmailVerified',
    data: { userId, verificationId, teamId: 'team-1', trustedDeviceId, at: time },
  });

  it('verifies the address until the last moment of 24 hours', () => {
    const last = { hours: 23, minutes: 59, seconds: 59 };
    given(submitted, registered)
      .when(verify('link-1', moment(last)))
      .then(expected('link-1', at(last)));
    given(submitted, registered)
      .when(verify('link-1', moment({ hours: 24 })))
      .thenRefused('verification-token-expired');
  });

  it('trusts the device only if it is the one that registered', () => {
    const pending = given(submitted, registered);
    pending.when(verify('link-1', moment(), 'laptop')).then(expected('link-1', at(), 'laptop'));
    pending.when(verify('link-1', moment(), 'phone')).then(expected('link-1', at(), null));
  });

  it('accepts the newest link and the one before, each until its own end', () => {
    const links = [submitted, registered, linkAgain('link-2', 3), linkAgain('link-3', 6)];
    const time = { hours: 7 };
    given(...links)
      .when(verify('link-3', moment(time)))
      .then(expected('link-3', at(time)));
    given(...links)
      .when(verify('link-2', moment(time)))
      .then(expected('link-2', at(time)));
    given(...links)
      .when(verify('link-1', moment(time)))
      .thenRefused('verification-token-invalid');
    given(...links)
      .when(verify('link-2', moment({ hours: 27 })))
      .thenRefused('verification-token-expired');
    given(...links)
      .when(verify('link-3', moment({ hours: 27 })))
      .then(expected('link-3', at({ hours: 27 })));
  });

  it('works once', () => {
    given(submitted, registered, verified).when(verify('link-1', moment())).thenRefused('verification-token-used');
  });

  it('is refused for an unknown link or a registration that is not open', () => {
    given(submitted, registered).when(verify('link-9', moment())).thenRefused('verification-token-invalid');
    for (const past of [[], [submitted], [submitted, refused], [submitted, registered, lapsed]]) {
      given(...past)
        .when(verify('link-1', moment()))
        .thenRefused('verification-token-invalid');
    }
  });
});

describe('a registration that nobody verifies', () => {
  it('lapses after seven days', () => {
    const expected: UserEvent = {
      type: 'RegistrationLapsed',
      data: { userId, emailHash: 'a1b2', at: at({ days: 7 }) },
    };
    given(submitted)
      .when(lapse(moment({ days: 7 })))
      .then(expected);
    given(submitted, registered)
      .when(lapse(moment({ days: 7 })))
      .then(expected);
    given(submitted, registered)
      .when(lapse(moment({ days: 6, hours: 23, minutes: 59 })))
      .thenNothing();
  });

  it('does not lapse when it has come to another end', () => {
    for (const past of [[], [submitted, registered, verified], [submitted, refused], [submitted, lapsed]]) {
      given(...past)
        .when(lapse(moment({ days: 8 })))
        .thenNothing();
    }
  });
});

describe('any history of a registration', () => {
  const verificationId = fc.constantFrom('link-1', 'link-2', 'link-3', 'link-4');
  const anyEvent: fc.Arbitrary<UserEvent> = fc.oneof(
    fc.constantFrom(submitted, registered, verified, refused, lapsed),
    fc.tuple(verificationId, fc.integer({ min: 0, max: 200 })).map(([link, hours]) => linkAgain(link, hours)),
    fc.record({ at: anyTime, loginId: fc.string() }).map((data): UserEvent => ({
      type: 'LoginFailed',
      data: { userId, reason: 'wrong-password', ...data },
    })),
    fc.record({ at: anyTime, until: anyTime, lockMinutes: fc.nat() }).map((data): UserEvent => ({
      type: 'AccountLocked',
      data: { userId, ...data },
    })),
    fc.record({ at: anyTime, loginId: fc.string() }).map((data): UserEvent => ({
      type: 'LoginFailuresCleared',
      data: { userId, ...data },
    })),
  );
  const commandAt = (now: Date): fc.Arbitrary<UserCommand> =>
    fc.oneof(
      fc.constant(submit(now)),
      verificationId.map((link) => requestLink(link, now)),
      fc.tuple(verificationId, fc.constantFrom('laptop', 'phone', null)).map(([link, by]) => verify(link, now, by)),
      fc.constant(lapse(now)),
    );
  const commands = inOrder(commandAt, { start: moment(), maxStepSeconds: 12 * 3600 }).map((rest) => [
    submit(moment()),
    accept,
    ...rest,
  ]);

  it('folds', () => {
    expectAnyFold(user, anyEvent);
  });

  it('is not changed by the same command twice', () => {
    expectNothingTwice(user, commands);
  });

  it('verifies once at most, and never after it lapsed', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        const types = play(user, sequence).flatMap(({ events }) => events.map(({ type }) => type));
        const ends = types.filter((type) => type === 'EmailVerified' || type === 'RegistrationLapsed');
        expect(ends.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('verifies only with one of the two newest links, within 24 hours of its being given', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        const events = play(user, sequence).flatMap((step) => step.events);
        const verifiedAt = events.findIndex(({ type }) => type === 'EmailVerified');
        const end = events[verifiedAt];
        if (end?.type !== 'EmailVerified') return;
        const given = events
          .slice(0, verifiedAt)
          .flatMap((e) => (e.type === 'UserRegistered' || e.type === 'VerificationRequested' ? [e.data] : []))
          .slice(-2)
          .find((link) => link.verificationId === end.data.verificationId);
        expect(given).toBeDefined();
        expect(Date.parse(end.data.at) - Date.parse(given?.at ?? '')).toBeLessThan(24 * 3_600_000);
      }),
    );
  });
});
