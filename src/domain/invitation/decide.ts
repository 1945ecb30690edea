import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import { dayMs, elapsedMs, hourMs, isPast, later, secondMs } from '../time.ts';
import type { AcceptanceFailure, InvitationEvent } from './events.ts';
import { openInvitation } from './link.ts';
import { evolve, initialState, mailsPerHour, type InvitationState, type IssuedInvitation } from './state.ts';

const validDays = 7;

export type InvitationCommand =
  | {
      type: 'IssueInvitation';
      invitationId: string;
      teamId: string;
      roleId: string;
      emailHash: string;
      email: string;
      /** `null`: the installation itself. */
      invitedBy: string | null;
      tokenId: string;
      /** Several processes may want it at once: only one round begins, and none beside one that is open. */
      unlessOpen?: true;
      now: Date;
    }
  | { type: 'ResendInvitation'; resentBy: string; now: Date }
  | { type: 'RevokeInvitation'; revokedBy: string; now: Date }
  | {
      /** `emailHash`: the address that whoever accepts has proven to hold. */
      type: 'AcceptInvitation';
      tokenId: string;
      userId: string;
      emailHash: string;
      now: Date;
    }
  | { type: 'FailAcceptance'; tokenId: string; userId: string; reason: AcceptanceFailure; now: Date };

type CommandOf<Type extends InvitationCommand['type']> = Extract<InvitationCommand, { type: Type }>;

function decide(command: InvitationCommand, state: InvitationState): readonly InvitationEvent[] {
  switch (command.type) {
    case 'IssueInvitation':
      return issue(command, state);
    case 'ResendInvitation':
      return resend(command, state);
    case 'RevokeInvitation':
      return revoke(command, state);
    case 'AcceptInvitation':
      return accept(command, state);
    case 'FailAcceptance':
      return failAcceptance(command, state);
  }
}

// Whatever became of an earlier round: a new one may begin, and an open one is replaced.
function issue(command: CommandOf<'IssueInvitation'>, state: InvitationState): readonly InvitationEvent[] {
  const { invitationId, teamId, roleId, emailHash, email, invitedBy, tokenId, unlessOpen, now } = command;
  if (unlessOpen && state.status === 'open' && !isPast(state.expiresAt, now)) return [];
  limitMails(state, now);
  const about = { invitationId, teamId, roleId, emailHash, email, invitedBy, tokenId };
  const expiresAt = later(now, validDays * dayMs);
  return [{ type: 'InvitationIssued', data: { ...about, expiresAt, at: now.toISOString() } }];
}

function resend({ resentBy, now }: CommandOf<'ResendInvitation'>, state: InvitationState): readonly InvitationEvent[] {
  const { invitationId, teamId, tokenId, status, expiresAt } = issued(state);
  if (status === 'accepted') throw new DomainError('invitation-used');
  if (status !== 'open') throw new DomainError('invitation-revoked');
  if (isPast(expiresAt, now)) throw new DomainError('invitation-expired');
  limitMails(state, now);
  return [{ type: 'InvitationResent', data: { invitationId, teamId, tokenId, resentBy, at: now.toISOString() } }];
}

function revoke({ revokedBy, now }: CommandOf<'RevokeInvitation'>, state: InvitationState): readonly InvitationEvent[] {
  const { invitationId, teamId, tokenId, status } = issued(state);
  if (status === 'accepted') throw new DomainError('invitation-used');
  if (status !== 'open') return [];
  return [{ type: 'InvitationRevoked', data: { invitationId, teamId, tokenId, revokedBy, at: now.toISOString() } }];
}

function accept(
  { tokenId, userId, emailHash, now }: CommandOf<'AcceptInvitation'>,
  state: InvitationState,
): readonly InvitationEvent[] {
  if (acceptedBy(state, tokenId, userId)) return [];
  const { invitationId, teamId, roleId, invitedBy, ...open } = openInvitation(state, tokenId, now);
  if (open.emailHash !== emailHash) throw new DomainError('invitation-for-another-address');
  const about = { invitationId, teamId, roleId, userId, tokenId, invitedBy };
  return [{ type: 'InvitationAccepted', data: { ...about, at: now.toISOString() } }];
}

function failAcceptance(
  { tokenId, userId, reason, now }: CommandOf<'FailAcceptance'>,
  state: InvitationState,
): readonly InvitationEvent[] {
  const isThis = state.status === 'accepted' && state.tokenId === tokenId && state.userId === userId;
  if (!isThis) return [];
  const { invitationId, teamId } = state;
  const about = { invitationId, teamId, userId, tokenId, reason };
  return [{ type: 'InvitationAcceptanceFailed', data: { ...about, at: now.toISOString() } }];
}

function acceptedBy(state: InvitationState, tokenId: string, userId: string): boolean {
  const isThis = (link: { tokenId: string; userId: string }) => link.tokenId === tokenId && link.userId === userId;
  const ended = state.status === 'accepted' || state.status === 'failed';
  return state.used.some(isThis) || (ended && isThis(state));
}

function issued(state: InvitationState): IssuedInvitation {
  if (state.status === 'none') throw new DomainError('invitation-not-found');
  return state;
}

/** Nobody uses us to fill a stranger's mailbox, not by revoking and inviting again either. */
function limitMails({ mailedAt }: InvitationState, now: Date): void {
  const [oldest] = mailedAt.slice(-mailsPerHour);
  if (oldest === undefined || mailedAt.length < mailsPerHour) return;
  const restMs = hourMs - elapsedMs(oldest, now);
  if (restMs > 0) throw new DomainError('too-many-attempts', { retryAfterSeconds: Math.ceil(restMs / secondMs) });
}

/** Grows by three mails an hour at most, and what follows from them. */
export const invitation: Decider<InvitationState, InvitationCommand, InvitationEvent> = {
  initialState,
  evolve,
  decide,
  stateVersion: 1,
};
