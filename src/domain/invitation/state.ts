import type { AcceptanceFailure, InvitationEvent } from './events.ts';

/** As many mails as the limit of an hour needs; older ones cannot matter. */
export const mailsPerHour = 3;

/** Links that were accepted in earlier rounds: told apart from those that were replaced. */
const usedTokensKept = 20;

export interface Invitation {
  readonly invitationId: string;
  readonly teamId: string;
  readonly roleId: string;
  readonly emailHash: string;
  /** `null`: the installation itself. */
  readonly invitedBy: string | null;
  /** Names the link that is good. */
  readonly tokenId: string;
  readonly expiresAt: string;
}

interface History {
  /** When the address was last written to, oldest first. */
  readonly mailedAt: readonly string[];
  readonly used: readonly { readonly tokenId: string; readonly userId: string }[];
}

export type IssuedInvitation = Invitation &
  (
    | { readonly status: 'open' | 'revoked' }
    | { readonly status: 'accepted'; readonly userId: string }
    | { readonly status: 'failed'; readonly userId: string; readonly reason: AcceptanceFailure }
  );

export type InvitationState = History & ({ readonly status: 'none' } | IssuedInvitation);

export const initialState: InvitationState = { status: 'none', mailedAt: [], used: [] };

export function evolve(state: InvitationState, event: InvitationEvent): InvitationState {
  if (event.type === 'InvitationIssued') {
    const { invitationId, teamId, roleId, emailHash, invitedBy, tokenId, expiresAt, at } = event.data;
    const about = { invitationId, teamId, roleId, emailHash, invitedBy, tokenId, expiresAt };
    return { status: 'open', ...about, mailedAt: mailed(state, at), used: usedBefore(state) };
  }
  if (state.status === 'none') return state;
  const { mailedAt, used } = state;
  const same = { ...invitationOf(state), mailedAt, used };
  switch (event.type) {
    case 'InvitationResent':
      return { ...state, mailedAt: mailed(state, event.data.at) };
    case 'InvitationRevoked':
      return { status: 'revoked', ...same };
    case 'InvitationAccepted':
      return { status: 'accepted', userId: event.data.userId, ...same };
    case 'InvitationAcceptanceFailed':
      return { status: 'failed', userId: event.data.userId, reason: event.data.reason, ...same };
  }
}

function mailed({ mailedAt }: History, at: string): readonly string[] {
  return [...mailedAt, at].slice(-mailsPerHour);
}

function usedBefore(state: InvitationState): History['used'] {
  if (state.status !== 'accepted') return state.used;
  const { tokenId, userId, used } = state;
  return [...used, { tokenId, userId }].slice(-usedTokensKept);
}

function invitationOf(state: IssuedInvitation): Invitation {
  const { invitationId, teamId, roleId, emailHash, invitedBy, tokenId, expiresAt } = state;
  return { invitationId, teamId, roleId, emailHash, invitedBy, tokenId, expiresAt };
}
