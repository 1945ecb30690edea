import { emailAddress } from '../../domain/email-address/decide.ts';
import type { CommandHandling } from '../command-handler.ts';
import { recipientOf } from '../emails/email-recipient.ts';
import type { PersonalData } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { InvitationOfToken } from './invitation-of-token.ts';
import { invitedAddress } from './invited-address.ts';
import { maskEmail } from './mask-email.ts';

interface Dependencies extends Pick<CommandHandling, 'eventStore' | 'snapshots'> {
  personalData: PersonalData;
  invitationOfToken: InvitationOfToken;
}

export interface InvitationPreview {
  readonly teamName: string;
  readonly roleName: string;
  /** `null` once the inviter is erased. */
  readonly inviterName: string | null;
  readonly maskedEmail: string | null;
  /** Whether the address has an account: it is then accepted by signing in. */
  readonly hasAccount: boolean;
  readonly expiresAt: string;
}

export type PreviewInvitation = (request: { token: string }) => Promise<InvitationPreview>;

/** What whoever holds the link may see before they accept. Uses nothing up. */
export function previewInvitation(deps: Dependencies): PreviewInvitation {
  const loadAddress = streamLoader(deps, emailAddress);
  return async ({ token }) => {
    const { invitation, team, role } = await deps.invitationOfToken(token);
    const [inviter, email, address] = await Promise.all([
      recipientOf(deps, invitation.invitedBy),
      invitedAddress(deps, invitation),
      loadAddress(streams.emailAddress(invitation.emailHash)),
    ]);
    return {
      teamName: team.name,
      roleName: role.name,
      inviterName: inviter?.name ?? null,
      maskedEmail: email === undefined ? null : maskEmail(email),
      hasAccount: address.state.status === 'confirmed',
      expiresAt: invitation.expiresAt,
    };
  };
}
