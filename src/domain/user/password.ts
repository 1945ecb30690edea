import { DomainError, type DomainErrorCode } from '../errors.ts';
import { hourMs, isPast, later, minuteMs } from '../time.ts';
import type { PasswordEvent } from './events.ts';
import { standingOf, type LinkStanding, type OneUseLink } from './password-state.ts';
import { barOf, type ActiveUser, type UserState } from './state.ts';

const resetHours = 1;
const offerMinutes = 15;

/** Why a person may choose a new password. `credentialId`: the one that the current password was compared with. */
export type PasswordProof =
  | { readonly kind: 'reset-link'; readonly resetId: string }
  | { readonly kind: 'change-token'; readonly changeId: string }
  | { readonly kind: 'current-password'; readonly credentialId: string };

export type PasswordCommand =
  /** A link is good for an hour from the request on, however late it is issued. */
  | { type: 'IssuePasswordReset'; userId: string; resetId: string; requestedAt: string; now: Date }
  | {
      type: 'ChangePassword';
      userId: string;
      credentialId: string;
      keepSessionId: string | null;
      proof: PasswordProof;
      now: Date;
    }
  | { type: 'ForcePasswordChange'; userId: string; by: string | null; now: Date }
  | { type: 'OfferPasswordChange'; userId: string; loginId: string; changeId: string; now: Date }
  | { type: 'RecordRehash'; userId: string; credentialId: string; scheme: string; pepperVersion: number; now: Date };

type CommandOf<Type extends PasswordCommand['type']> = Extract<PasswordCommand, { type: Type }>;

const deciders: {
  readonly [Type in PasswordCommand['type']]: (command: CommandOf<Type>, state: UserState) => readonly PasswordEvent[];
} = {
  IssuePasswordReset: issueReset,
  ChangePassword: change,
  ForcePasswordChange: force,
  OfferPasswordChange: offer,
  RecordRehash: recordRehash,
};

export function isPasswordCommand(command: { type: string }): command is PasswordCommand {
  return Object.hasOwn(deciders, command.type);
}

export function decidePassword(command: PasswordCommand, state: UserState): readonly PasswordEvent[] {
  return (deciders[command.type] as (command: PasswordCommand, state: UserState) => readonly PasswordEvent[])(
    command,
    state,
  );
}

function issueReset(command: CommandOf<'IssuePasswordReset'>, state: UserState): readonly PasswordEvent[] {
  const { userId, resetId, requestedAt, now } = command;
  if (state.status !== 'active' || barOf(state) !== undefined || state.resets.some(({ linkId }) => linkId === resetId))
    return [];
  const expiresAt = later(requestedAt, resetHours * hourMs);
  if (isPast(expiresAt, now)) return [];
  return [{ type: 'PasswordResetIssued', data: { userId, resetId, expiresAt, at: now.toISOString() } }];
}

function change(command: CommandOf<'ChangePassword'>, state: UserState): readonly PasswordEvent[] {
  const { userId, credentialId, keepSessionId, proof, now } = command;
  if (state.status === 'active' && state.credentialId === credentialId) return [];
  const known = provenBy(proof, state, now);
  const ids = { userId, credentialId, replacedCredentialId: known.credentialId };
  const reason = proof.kind === 'current-password' ? 'change' : known.mustChangePassword ? 'forced' : 'reset';
  return [{ type: 'PasswordChanged', data: { ...ids, reason, keepSessionId, at: now.toISOString() } }];
}

const linkProblems: Record<Exclude<LinkStanding, 'good'>, DomainErrorCode> = {
  unknown: 'reset-token-invalid',
  expired: 'reset-token-expired',
  closed: 'reset-token-used',
};

/** Throws where the proof is no good now. */
export function provenBy(proof: PasswordProof, state: UserState, now: Date): ActiveUser {
  if (proof.kind === 'current-password') {
    if (state.status !== 'active' || barOf(state) !== undefined || state.credentialId !== proof.credentialId) {
      throw new DomainError('current-password-wrong');
    }
    return state;
  }
  if (state.status !== 'active') throw new DomainError('reset-token-invalid');
  const standing = standingOf(linkOf(proof, state), now);
  if (standing !== 'good') throw new DomainError(linkProblems[standing]);
  return state;
}

function linkOf(
  proof: Exclude<PasswordProof, { kind: 'current-password' }>,
  { resets, changeOffer }: ActiveUser,
): OneUseLink | undefined {
  if (proof.kind === 'reset-link') return resets.find(({ linkId }) => linkId === proof.resetId);
  return changeOffer?.linkId === proof.changeId ? changeOffer : undefined;
}

function force({ userId, by, now }: CommandOf<'ForcePasswordChange'>, state: UserState): readonly PasswordEvent[] {
  if (state.status !== 'active') throw new DomainError('not-found');
  if (state.mustChangePassword) return [];
  return [{ type: 'PasswordChangeForced', data: { userId, by, at: now.toISOString() } }];
}

function offer(command: CommandOf<'OfferPasswordChange'>, state: UserState): readonly PasswordEvent[] {
  const { userId, loginId, changeId, now } = command;
  if (state.status !== 'active' || barOf(state) !== undefined) return [];
  if (!state.mustChangePassword || state.changeOffer?.linkId === changeId) return [];
  const expiresAt = later(now, offerMinutes * minuteMs);
  return [{ type: 'PasswordChangeOffered', data: { userId, loginId, changeId, expiresAt, at: now.toISOString() } }];
}

function recordRehash(command: CommandOf<'RecordRehash'>, state: UserState): readonly PasswordEvent[] {
  const { userId, credentialId, scheme, pepperVersion, now } = command;
  if (state.status !== 'active' || state.credentialId !== credentialId) return [];
  const at = now.toISOString();
  return [{ type: 'PasswordRehashed', data: { userId, credentialId, scheme, pepperVersion, at } }];
}
