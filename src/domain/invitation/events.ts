/**
 * Stored forever in `invitation-<invitationId>`; the id is derived from team and address, so that one stream holds
 * every invitation of one address to one team, a round for each `tokenId`. Times are ISO 8601.
 */
export type InvitationEvent =
  | InvitationIssued
  | {
      /** The same link once more. */
      type: 'InvitationResent';
      data: { invitationId: string; teamId: string; tokenId: string; resentBy: string; at: string };
    }
  | {
      type: 'InvitationRevoked';
      data: { invitationId: string; teamId: string; tokenId: string; revokedBy: string; at: string };
    }
  | {
      /** The link is used up; the membership follows from this event. */
      type: 'InvitationAccepted';
      data: {
        invitationId: string;
        teamId: string;
        roleId: string;
        userId: string;
        tokenId: string;
        invitedBy: string | null;
        at: string;
      };
    }
  | {
      /** The team did not take the person in: what the invitation rested on was gone, or they were a member already. */
      type: 'InvitationAcceptanceFailed';
      data: {
        invitationId: string;
        teamId: string;
        userId: string;
        tokenId: string;
        reason: AcceptanceFailure;
        at: string;
      };
    };

/**
 * Starts a round; a link of an earlier one is good no more. `email` is `null` once the person is erased, and `invitedBy`
 * where the installation itself invites.
 */
export interface InvitationIssued {
  type: 'InvitationIssued';
  data: {
    invitationId: string;
    teamId: string;
    roleId: string;
    emailHash: string;
    email: string | null;
    invitedBy: string | null;
    tokenId: string;
    expiresAt: string;
    at: string;
  };
}

/** What people read where the installation itself invites. */
export const installationName = 'MBPanel';

/** What an invitation rests on, and can lose before it is accepted. */
export type InvitationObstacle = 'team-closed' | 'role-retired' | 'inviter-lacks-rights';

export type AcceptanceFailure = InvitationObstacle | 'already-member';
