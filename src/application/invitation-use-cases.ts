import { announceTeam } from './access/announce-team.ts';
import { acceptAsNewPerson, acceptAsUser } from './invitations/accept-invitation.ts';
import { claimAddress } from './invitations/claim-address.ts';
import { completeAcceptance } from './invitations/complete-acceptance.ts';
import { completeInvitedRegistration } from './invitations/complete-invited-registration.ts';
import { invitationOfToken } from './invitations/invitation-of-token.ts';
import { inviteMember } from './invitations/invite-member.ts';
import { resendInvitation, revokeInvitation } from './invitations/manage-invitation.ts';
import { previewInvitation } from './invitations/preview-invitation.ts';
import { registerInvited } from './invitations/register-invited.ts';
import { requirePermission } from './teams/require-permission.ts';
import { forgetRegistration } from './registration/forget-registration.ts';
import type { Ports } from './use-case-ports.ts';

export function invitationUseCases(ports: Ports) {
  const checked = {
    ...ports,
    requirePermission: requirePermission(ports),
    invitationOfToken: invitationOfToken(ports),
  };
  const claiming = {
    ...ports,
    claimAddress: claimAddress({ ...ports, forgetRegistration: forgetRegistration(ports) }),
  };
  const registering = { ...checked, completeInvitedRegistration: completeInvitedRegistration(claiming) };
  const accepting = {
    ...registering,
    registerInvited: registerInvited(registering),
    completeAcceptance: completeAcceptance({ ...ports, announceTeam: announceTeam(ports) }),
  };
  return {
    requirePermission: checked.requirePermission,
    inviteMember: inviteMember(checked),
    resendInvitation: resendInvitation(checked),
    revokeInvitation: revokeInvitation(checked),
    previewInvitation: previewInvitation(checked),
    acceptAsNewPerson: acceptAsNewPerson(accepting),
    acceptAsUser: acceptAsUser(accepting),
    completeInvitedRegistration: registering.completeInvitedRegistration,
    completeAcceptance: accepting.completeAcceptance,
  };
}
