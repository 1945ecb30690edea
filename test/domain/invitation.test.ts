import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { invitation, type InvitationCommand } from '../../src/domain/invitation/decide.ts';
import type { AcceptanceFailure, InvitationEvent } from '../../src/domain/invitation/events.ts';
import { acceptanceRefused, openInvitation } from '../../src/domain/invitation/link.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { specificationFor } from '../support/given.ts';
import { anyTime, at, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice, play } from './properties.ts';

const given = specificationFor(invitation);
const about = {
  invitationId: 'invitation-1',
  teamId: 'team-1',
  roleId: 'role-d',
  emailHash: 'a1b2',
  email: 'bob@example.com',
  invitedBy: 'ann',
};
const ofRound = (tokenId: string) => ({ invitationId: 'invitation-1', teamId: 'team-1', tokenId });
const issue = (tokenId: string, now = moment(), more: Partial<typeof about> = {}): InvitationCommand => ({
  type: 'IssueInvitation',
  ...about,
  ...more,
  tokenId,
  now,
});
const issued = (tokenId: string, hours = 0): InvitationEvent => ({
  type: 'InvitationIssued',
  data: { ...about, tokenId, expiresAt: at({ days: 7, hours }), at: at({ hours }) },
});
const resent = (minutes: number): InvitationEvent => ({
  type: 'InvitationResent',
  data: { ...ofRound('one'), resentBy: 'ann', at: at({ minutes }) },
});
const revoked: InvitationEvent = {
  type: 'InvitationRevoked',
  data: { ...ofRound('one'), revokedBy: 'ann', at: at({ hours: 1 }) },
};
const acceptedBy = (userId: string, tokenId = 'one'): InvitationEvent => ({
  type: 'InvitationAccepted',
  data: { ...ofRound(tokenId), roleId: 'role-d', userId, invitedBy: 'ann', at: at({ hours: 1 }) },
});
const failed = (reason: AcceptanceFailure): InvitationEvent => ({
  type: 'InvitationAcceptanceFailed',
  data: { ...ofRound('one'), userId: 'bob', reason, at: at({ hours: 1 }) },
});
const accept = (
  tokenId: string,
  userId = 'bob',
  emailHash = 'a1b2',
  now = moment({ hours: 1 }),
): InvitationCommand => ({
  type: 'AcceptInvitation',
  tokenId,
  userId,
  emailHash,
  now,
});
const resend = (now: Date): InvitationCommand => ({ type: 'ResendInvitation', resentBy: 'ann', now });
const revoke: InvitationCommand = { type: 'RevokeInvitation', revokedBy: 'ann', now: moment({ hours: 1 }) };
const fail = (reason: AcceptanceFailure, userId = 'bob'): InvitationCommand => ({
  type: 'FailAcceptance',
  tokenId: 'one',
  userId,
  reason,
  now: moment({ hours: 1 }),
});

describe('inviting', () => {
  it('opens an invitation for seven days', () => {
    given().when(issue('one')).then(issued('one'));
  });

  it('replaces an open one, and may follow on any end', () => {
    for (const end of [[], [revoked], [acceptedBy('bob')], [acceptedBy('bob'), failed('role-retired')]]) {
      given(issued('one'), ...end)
        .when(issue('two', moment({ hours: 2 })))
        .then(issued('two', 2));
    }
  });

  it('writes three times an hour at most, however it is asked for', () => {
    const thrice = [issued('one'), resent(10), resent(20)];
    const refusal = ['too-many-attempts', { retryAfterSeconds: 1800 }] as const;
    given(...thrice)
      .when(issue('two', moment({ minutes: 30 })))
      .thenRefused(...refusal);
    given(...thrice)
      .when(resend(moment({ minutes: 30 })))
      .thenRefused(...refusal);
    given(...thrice)
      .when(resend(moment({ minutes: 60 })))
      .then(resent(60));
    given(...thrice, revoked)
      .when(issue('two', moment({ minutes: 59, seconds: 59.5 })))
      .thenRefused('too-many-attempts', { retryAfterSeconds: 1 });
  });
});

describe('sending again', () => {
  it('is for open invitations', () => {
    given(issued('one'))
      .when(resend(moment({ minutes: 5 })))
      .then(resent(5));
    given().when(resend(moment())).thenRefused('invitation-not-found');
    given(issued('one'), revoked)
      .when(resend(moment({ hours: 2 })))
      .thenRefused('invitation-revoked');
    given(issued('one'), acceptedBy('bob'))
      .when(resend(moment({ hours: 2 })))
      .thenRefused('invitation-used');
    given(issued('one'))
      .when(resend(moment({ days: 7 })))
      .thenRefused('invitation-expired');
  });
});

describe('revoking', () => {
  it('ends an open invitation, once', () => {
    given(issued('one')).when(revoke).then(revoked);
    given(issued('one'), revoked).when(revoke).thenNothing();
    given(issued('one'), acceptedBy('bob')).when(revoke).thenRefused('invitation-used');
    given().when(revoke).thenRefused('invitation-not-found');
  });
});

describe('accepting', () => {
  it('uses the link up, and is repeated by the same person only', () => {
    given(issued('one')).when(accept('one')).then(acceptedBy('bob'));
    given(issued('one'), acceptedBy('bob')).when(accept('one')).thenNothing();
    given(issued('one'), acceptedBy('bob')).when(accept('one', 'eve')).thenRefused('invitation-used');
    given(issued('one'), acceptedBy('bob'), issued('two', 2)).when(accept('one')).thenNothing();
    given(issued('one'), acceptedBy('bob'), issued('two', 2)).when(accept('one', 'eve')).thenRefused('invitation-used');
  });

  it('is refused for each reason by its own name', () => {
    given().when(accept('one')).thenRefused('invitation-token-invalid');
    given(issued('one'), revoked).when(accept('one')).thenRefused('invitation-revoked');
    given(issued('one'), issued('two')).when(accept('one')).thenRefused('invitation-revoked');
    given(issued('one'))
      .when(accept('one', 'bob', 'a1b2', moment({ days: 7 })))
      .thenRefused('invitation-expired');
    given(issued('one'))
      .when(accept('one', 'eve', 'ffff'))
      .thenRefused('invitation-for-another-address');
  });
});

describe('a team that does not take the person in', () => {
  it('is remembered with its reason, once, and told to whoever comes again', () => {
    const open = [issued('one'), acceptedBy('bob')];
    given(...open)
      .when(fail('role-retired'))
      .then(failed('role-retired'));
    given(...open)
      .when(fail('role-retired', 'eve'))
      .thenNothing();
    given(...open, failed('role-retired'))
      .when(fail('team-closed'))
      .thenNothing();
    given(issued('one')).when(fail('role-retired')).thenNothing();
    given(...open, failed('role-retired'))
      .when(accept('one', 'eve'))
      .thenRefused('invitation-no-longer-valid', { reason: 'role-retired' });
    expect(acceptanceRefused('already-member').code).toBe('already-member');
  });
});

describe('any history of an invitation', () => {
  const token = fc.constantFrom('one', 'two', 'three');
  const person = fc.constantFrom('bob', 'eve', 'constructor');
  const now = anyTime.map((time) => new Date(time));
  const command = fc.oneof(
    fc.tuple(token, now).map(([tokenId, time]) => issue(tokenId, time)),
    now.map(resend),
    now.map((time): InvitationCommand => ({ type: 'RevokeInvitation', revokedBy: 'ann', now: time })),
    fc
      .tuple(token, person, fc.constantFrom('a1b2', 'ffff'), now)
      .map(([tokenId, userId, hash, time]) => accept(tokenId, userId, hash, time)),
    person.map((userId) => fail('role-retired', userId)),
  );
  const event = fc.oneof(
    token.map((tokenId) => issued(tokenId)),
    fc.constantFrom(revoked, resent(5), failed('team-closed')),
    fc.tuple(person, token).map(([userId, tokenId]) => acceptedBy(userId, tokenId)),
  );

  it('folds', () => {
    expectAnyFold(invitation, event);
  });

  it('does nothing twice, but for the mails that are asked for', () => {
    const mails = ({ type }: InvitationEvent) => type === 'InvitationIssued' || type === 'InvitationResent';
    expectNothingTwice(invitation, fc.array(command, { maxLength: 30 }), mails);
  });

  it('is accepted by the invited address only, with the newest link, before its end', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        for (const step of play(invitation, commands)) {
          if (step.command.type !== 'AcceptInvitation' || step.events.length === 0) continue;
          if (step.before.status !== 'open') expect.fail('only an open invitation is accepted');
          expect(step.before).toMatchObject({ emailHash: step.command.emailHash, tokenId: step.command.tokenId });
          expect(step.command.now < new Date(step.before.expiresAt)).toBe(true);
        }
      }),
    );
  });

  it('has one good link at most', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const state = events.reduce(invitation.evolve, invitation.initialState);
        const good = ['one', 'two', 'three'].filter((tokenId) => isGood(state, tokenId));
        expect(good.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

function isGood(state: typeof invitation.initialState, tokenId: string): boolean {
  try {
    return openInvitation(state, tokenId, moment({ hours: 1 })).tokenId === tokenId;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}
