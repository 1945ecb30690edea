import { DomainError } from '../errors.ts';
import type { InvitationObstacle } from '../invitation/events.ts';
import { isGranted, mayGrant } from '../permissions.ts';
import type { TeamEvent } from './events.ts';
import { memberRole, roleIn, type Role, type TeamState } from './state.ts';

/** Takes in somebody who has accepted an invitation. */
export interface AddMember {
  type: 'AddMember';
  teamId: string;
  userId: string;
  roleId: string;
  invitationId: string;
  tokenId: string;
  invitedBy: string;
  now: Date;
}

/** Throws `invitation-no-longer-valid` when the team, as it is now, lets the inviter invite into this role no more. */
export function addMember(command: AddMember, state: TeamState): readonly TeamEvent[] {
  const { teamId, userId, roleId, invitationId, tokenId, invitedBy, now } = command;
  if (state.status === 'open' && state.acceptances.includes(tokenId)) return [];
  const reason = invitationObstacle(state, { invitedBy, roleId });
  if (reason !== undefined) throw new DomainError('invitation-no-longer-valid', { reason });
  if (memberRole(state, userId) !== undefined) return [];
  const about = { teamId, userId, roleId, invitationId, tokenId, invitedBy };
  return [{ type: 'MemberJoined', data: { ...about, at: now.toISOString() } }];
}

/** Why an invitation would not be honoured by the team as it is now; `undefined` when it would. */
export function invitationObstacle(
  state: TeamState,
  { invitedBy, roleId }: { invitedBy: string; roleId: string },
): InvitationObstacle | undefined {
  if (state.status !== 'open') return 'team-closed';
  const role = roleIn(state, roleId);
  if (role === undefined) return 'role-retired';
  const inviter = memberRole(state, invitedBy);
  return inviter !== undefined && mayInviteInto(inviter, role) ? undefined : 'inviter-lacks-rights';
}

/** Nobody invites into a role that holds more than their own, and only an Owner invites an Owner. */
export function mayInviteInto(inviter: Role, role: Role): boolean {
  if (!isGranted(inviter.grants, 'team.invite')) return false;
  if (role.kind === 'owner' && inviter.kind !== 'owner') return false;
  return mayGrant(inviter.grants, role.grants);
}
