import { DomainError } from '../errors.ts';
import { isPast } from '../time.ts';
import type { AcceptanceFailure } from './events.ts';
import type { Invitation, InvitationState, IssuedInvitation } from './state.ts';

/**
 * The invitation that a genuine link stands for while it is good. Throws `invitation-used`, `invitation-revoked` (a
 * link that was replaced by a newer one counts as revoked), `invitation-expired`, `already-member` or
 * `invitation-no-longer-valid` for the other ends it can have.
 */
export function openInvitation(state: InvitationState, tokenId: string, now: Date): Invitation {
  if (state.status === 'none') throw new DomainError('invitation-token-invalid');
  if (state.used.some((link) => link.tokenId === tokenId)) throw new DomainError('invitation-used');
  if (state.tokenId !== tokenId) throw new DomainError('invitation-revoked');
  refuseEnded(state);
  if (isPast(state.expiresAt, now)) throw new DomainError('invitation-expired');
  return state;
}

function refuseEnded(state: IssuedInvitation): void {
  switch (state.status) {
    case 'open':
      return;
    case 'revoked':
      throw new DomainError('invitation-revoked');
    case 'accepted':
      throw new DomainError('invitation-used');
    case 'failed':
      throw acceptanceRefused(state.reason);
  }
}

/** What a person is told whom the team did not take in. */
export function acceptanceRefused(reason: AcceptanceFailure): DomainError {
  if (reason === 'already-member') return new DomainError('already-member');
  return new DomainError('invitation-no-longer-valid', { reason });
}
