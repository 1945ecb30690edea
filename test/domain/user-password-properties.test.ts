import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { user, type UserCommand } from '../../src/domain/user/decide.ts';
import type { UserEvent } from '../../src/domain/user/events.ts';
import type { PasswordProof as Proof } from '../../src/domain/user/password.ts';
import { passwordGenerationOf } from '../../src/domain/user/state.ts';
import { at, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice, inOrder, play } from './properties.ts';

const userId = 'ann';
const person = { userId, emailHash: 'a1b2', teamId: 'team-1', credentialId: 'first', deviceId: 'laptop' };

describe('any history of passwords', () => {
  const setUp: UserCommand[] = [
    { type: 'SubmitRegistration', ...person, email: 'a@b.c', name: 'Ann', teamName: 'Lee', now: moment() },
    { type: 'AcceptRegistration', userId, verificationId: 'link-1', now: moment() },
    { type: 'VerifyEmail', userId, verificationId: 'link-1', deviceId: null, now: moment() },
  ];
  const linkId = fc.constantFrom('a', 'b', 'c');
  const proof = fc.oneof(
    linkId.map((resetId): Proof => ({ kind: 'reset-link', resetId })),
    linkId.map((changeId): Proof => ({ kind: 'change-token', changeId })),
    fc.constantFrom('first', 'x', 'y').map((credentialId): Proof => ({ kind: 'current-password', credentialId })),
  );
  const command = (now: Date): fc.Arbitrary<UserCommand> =>
    fc.oneof(
      linkId.map(
        (resetId) => ({ type: 'IssuePasswordReset', userId, resetId, requestedAt: now.toISOString(), now }) as const,
      ),
      fc
        .tuple(proof, fc.constantFrom('x', 'y', 'z'))
        .map(
          ([by, credentialId]) =>
            ({ type: 'ChangePassword', userId, credentialId, keepSessionId: null, proof: by, now }) as const,
        ),
      fc.constant({ type: 'ForcePasswordChange', userId, by: null, now } as const),
      linkId.map((changeId) => ({ type: 'OfferPasswordChange', userId, loginId: 'l', changeId, now }) as const),
    );
  const sequences = inOrder(command, { start: moment(), maxStepSeconds: 1200, maxLength: 60 }).map((sequence) => [
    ...setUp,
    ...sequence,
  ]);

  it('folds', () => {
    const time = at();
    const until = at({ minutes: 15 });
    const event = fc.oneof(
      linkId.map((resetId): UserEvent => ({
        type: 'PasswordResetIssued',
        data: { userId, resetId, expiresAt: until, at: time },
      })),
      linkId.map((changeId): UserEvent => ({
        type: 'PasswordChangeOffered',
        data: { userId, loginId: 'l', changeId, expiresAt: until, at: time },
      })),
      linkId.map((credentialId): UserEvent => ({
        type: 'PasswordChanged',
        data: { userId, credentialId, replacedCredentialId: 'a', reason: 'reset', keepSessionId: null, at: time },
      })),
      fc.constantFrom<UserEvent>(
        { type: 'PasswordChangeForced', data: { userId, by: null, at: time } },
        { type: 'PasswordRehashed', data: { userId, credentialId: 'a', scheme: 's', pepperVersion: 1, at: time } },
        { type: 'RegistrationSubmitted', data: { ...person, email: null, name: null, teamName: null, at: time } },
        { type: 'UserRegistered', data: { userId, verificationId: 'v', verificationExpiresAt: until, at: time } },
        { type: 'EmailVerified', data: { userId, verificationId: 'v', teamId: 't', trustedDeviceId: null, at: time } },
        { type: 'LoginFailed', data: { userId, loginId: 'l', reason: 'wrong-password', at: time } },
        { type: 'AccountLocked', data: { userId, until, lockMinutes: 15, at: time } },
      ),
    );
    expectAnyFold(user, event);
  });

  it('is not changed by the same command twice', () => {
    expectNothingTwice(user, sequences);
  });

  it('never takes one link or token twice, and counts up with every change', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        const used = new Set<string>();
        for (const { command: given, events, before, after } of play(user, sequence)) {
          const made = events.some(({ type }) => type === 'PasswordChanged' || type === 'PasswordChangeForced');
          expect(passwordGenerationOf(after) - passwordGenerationOf(before)).toBe(made ? 1 : 0);
          if (given.type !== 'ChangePassword' || events.length === 0) continue;
          if (given.proof.kind === 'current-password') continue;
          const name = JSON.stringify(given.proof);
          expect(given.proof.kind === 'reset-link' && used.has(name)).toBe(false);
          used.add(name);
        }
      }),
    );
  });
});
