import { DomainError } from '../errors.ts';
import type { InvitationObstacle } from '../invitation/events.ts';
import { isGranted } from '../permissions.ts';
import { obstacleToGive } from './acting.ts';
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
  /** `null`: the installation itself, which invites into the platform team alone. */
  invitedBy: string | null;
  /** Whether the account of the inviter is locked or deactivated: its rights rest meanwhile. */
  inviterBarred?: boolean;
  now: Date;
}

/** Throws `invitation-no-longer-valid` when the team, as it is now, lets the inviter invite into this role no more. */
export function addMember(command: AddMember, state: TeamState): readonly TeamEvent[] {
  const { teamId, userId, roleId, invitationId, tokenId, invitedBy, inviterBarred, now } = command;
  if (state.status === 'open' && state.acceptances.includes(tokenId)) return [];
  const reason = invitationObstacle(state, { invitedBy, roleId }, inviterBarred);
  if (reason !== undefined) throw new DomainError('invitation-no-longer-valid', { reason });
  if (memberRole(state, userId) !== undefined) return [];
  const about = { teamId, userId, roleId, invitationId, tokenId, invitedBy };
  return [{ type: 'MemberJoined', data: { ...about, at: now.toISOString() } }];
}

/** Why an invitation would not be honoured by the team as it is now; `undefined` when it would. */
export function invitationObstacle(
  state: TeamState,
  { invitedBy, roleId }: { invitedBy: string | null; roleId: string },
  inviterBarred = false,
): InvitationObstacle | undefined {
  if (state.status !== 'open') return 'team-closed';
  const role = roleIn(state, roleId);
  if (role === undefined) return 'role-retired';
  if (invitedBy === null) return state.platform ? undefined : 'inviter-lacks-rights';
  const inviter = inviterBarred ? undefined : memberRole(state, invitedBy);
  return inviter !== undefined && mayInviteInto(inviter, role) ? undefined : 'inviter-lacks-rights';
}

/** Nobody invites into a role that holds more than their own, and only an Owner invites an Owner. */
export function mayInviteInto(inviter: Role, role: Role): boolean {
  if (!isGranted(inviter.grants, 'team.invite')) return false;
  return obstacleToGive(inviter, role) === undefined;
}
