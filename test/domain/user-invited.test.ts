import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { user, type UserCommand } from '../../src/domain/user/decide.ts';
import type { UserEvent } from '../../src/domain/user/events.ts';
import { credentialIdOf } from '../../src/domain/user/state.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice } from './properties.ts';

const given = specificationFor(user);
const userId = 'bob';
const somebody = {
  userId,
  emailHash: 'a1b2',
  email: 'bob@example.com',
  name: 'Bob',
  credentialId: 'credential-1',
  deviceId: 'laptop',
};
const person = { ...somebody, invitationId: 'invitation-1', tokenId: 'one' };
const submitted: UserEvent = { type: 'InvitedRegistrationSubmitted', data: { ...person, at: at() } };
const registered: UserEvent = {
  type: 'InvitedUserRegistered',
  data: { userId, invitationId: 'invitation-1', deviceId: 'laptop', at: at() },
};
const refused: UserEvent = {
  type: 'InvitedRegistrationRefused',
  data: { userId, reason: 'invitation-refused', at: at() },
};
const waiting: UserEvent = {
  type: 'RegistrationSubmitted',
  data: { ...somebody, teamName: 'Lee & Co', teamId: 'team-1', at: at() },
};
const pending: UserEvent = {
  type: 'UserRegistered',
  data: { userId, verificationId: 'link-1', verificationExpiresAt: at({ hours: 24 }), at: at() },
};
const submit: UserCommand = { type: 'SubmitInvitedRegistration', ...person, now: moment() };
const admit: UserCommand = { type: 'AdmitInvitedUser', userId, now: moment() };
const refuse: UserCommand = { type: 'RefuseInvitedRegistration', userId, reason: 'invitation-refused', now: moment() };
const giveWay: UserCommand = { type: 'YieldRegistration', userId, now: moment() };
const lapsed: UserEvent = { type: 'RegistrationLapsed', data: { userId, emailHash: 'a1b2', at: at() } };

describe('registering by invitation', () => {
  it('is recorded once, whoever else uses the link', () => {
    given().when(submit).then(submitted);
    given(submitted)
      .when({ ...submit, credentialId: 'credential-2' })
      .thenNothing();
    given(submitted, refused).when(submit).thenNothing();
  });

  it('gives an account at once when the invitation is accepted', () => {
    given(submitted).when(admit).then(registered);
    given(submitted, registered).when(admit).thenNothing();
    given(submitted, refused).when(admit).thenNothing();
    given().when(admit).thenNothing();
  });

  it('is refused until then, and not after', () => {
    given(submitted).when(refuse).then(refused);
    given(submitted, refused).when(refuse).thenNothing();
    given(submitted, registered).when(refuse).thenNothing();
  });

  it('lets nobody log in before', () => {
    const after = (...events: UserEvent[]) => credentialIdOf(events.reduce(user.evolve, user.initialState));
    expect(after(submitted)).toBeUndefined();
    expect(after(submitted, refused)).toBeUndefined();
    expect(after(submitted, registered)).toBe('credential-1');
  });
});

describe('giving way to somebody who has proven the address', () => {
  it('is for registrations that nobody has verified', () => {
    given(waiting).when(giveWay).then(lapsed);
    given(waiting, pending).when(giveWay).then(lapsed);
    given(waiting, pending, lapsed).when(giveWay).thenNothing();
    given(submitted).when(giveWay).thenNothing();
    given(submitted, registered).when(giveWay).thenNothing();
    given().when(giveWay).thenNothing();
  });
});

describe('any history of an invited person', () => {
  it('folds, and nothing happens twice', () => {
    expectAnyFold(user, fc.constantFrom(submitted, registered, refused, waiting, pending, lapsed));
    expectNothingTwice(user, fc.array(fc.constantFrom(submit, admit, refuse, giveWay), { maxLength: 20 }));
  });
});
