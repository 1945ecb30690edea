import { emailAddress } from '../../domain/email-address/decide.ts';
import { user } from '../../domain/user/decide.ts';
import type { CommandHandling } from '../command-handler.ts';
import type { PersonalData } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { InvitationOfToken } from './invitation-of-token.ts';
import { invitedAddress } from './invited-address.ts';
import { inviterName } from './inviter.ts';
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
  /** Who looks: it can be accepted only by whoever has the address that was invited. */
  readonly viewer: 'nobody' | 'invited' | 'somebody-else';
}

/** `userId` is whoever is signed in. */
export type PreviewInvitation = (request: { token: string; userId?: string | undefined }) => Promise<InvitationPreview>;

/** What whoever holds the link may see before they accept. Uses nothing up. */
export function previewInvitation(deps: Dependencies): PreviewInvitation {
  const loadAddress = streamLoader(deps, emailAddress);
  const loadUser = streamLoader(deps, user);
  return async ({ token, userId }) => {
    const { invitation, team, role } = await deps.invitationOfToken(token);
    const [inviter, email, address, viewer] = await Promise.all([
      inviterName(deps, invitation.invitedBy),
      invitedAddress(deps, invitation),
      loadAddress(streams.emailAddress(invitation.emailHash)),
      viewerOf(userId, invitation.emailHash),
    ]);
    return {
      teamName: team.name,
      roleName: role.name,
      inviterName: inviter,
      maskedEmail: email === undefined ? null : maskEmail(email),
      hasAccount: address.state.status === 'confirmed',
      expiresAt: invitation.expiresAt,
      viewer,
    };
  };

  async function viewerOf(userId: string | undefined, emailHash: string): Promise<InvitationPreview['viewer']> {
    if (userId === undefined) return 'nobody';
    const { state } = await loadUser(streams.user(userId));
    return state.status === 'active' && state.emailHash === emailHash ? 'invited' : 'somebody-else';
  }
}
