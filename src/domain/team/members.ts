import { DomainError } from '../errors.ts';
import { actingMember, permitted, refuseToGive, type Acting } from './acting.ts';
import type { TeamEvent } from './events.ts';
import { memberRole, ownersOf, roleIn, type OpenTeam, type Role, type TeamState } from './state.ts';

export interface ChangeMember extends Acting {
  readonly type: 'ChangeMember';
  readonly userId: string;
  readonly roleId: string;
}

/**
 * Throws `member-not-found`, `role-not-found`, `last-owner`, and what `permitted` and `refuseToGive` do, of the role
 * that the member has as of the one they get.
 */
export function changeMember(command: ChangeMember, state: TeamState): readonly TeamEvent[] {
  const { teamId, userId, roleId, now } = command;
  const { team, actor } = permitted(command, state, 'user.manage');
  const present = otherMember(team, actor, userId);
  const role = roleIn(team, roleId);
  if (role === undefined) throw new DomainError('role-not-found');
  refuseToGive(actor, role);
  if (role.roleId === present.roleId) return [];
  refuseLastOwner(team, present);
  const about = { teamId, userId, fromRoleId: present.roleId, roleId, reason: 'changed' } as const;
  return [{ type: 'MemberRoleChanged', data: { ...about, at: now.toISOString() } }];
}

export interface RemoveMember extends Acting {
  readonly type: 'RemoveMember';
  readonly userId: string;
}

/** Throws `member-not-found`, `last-owner`, and what `permitted` and `refuseToGive` do. */
export function removeMember(command: RemoveMember, state: TeamState): readonly TeamEvent[] {
  const { teamId, userId, now } = command;
  const { team, actor } = permitted(command, state, 'user.manage');
  const present = otherMember(team, actor, userId);
  refuseLastOwner(team, present);
  return [{ type: 'MemberRemoved', data: { teamId, userId, roleId: present.roleId, at: now.toISOString() } }];
}

export interface LeaveTeam {
  readonly type: 'LeaveTeam';
  readonly teamId: string;
  readonly by: string;
  readonly now: Date;
}

/** Throws `team-not-found` and `last-owner`. */
export function leaveTeam({ teamId, by, now }: LeaveTeam, state: TeamState): readonly TeamEvent[] {
  const { team, actor } = actingMember(by, state);
  refuseLastOwner(team, actor);
  return [{ type: 'MemberLeft', data: { teamId, userId: by, roleId: actor.roleId, at: now.toISOString() } }];
}

function otherMember(team: OpenTeam, actor: Role, userId: string): Role {
  const present = memberRole(team, userId);
  if (present === undefined) throw new DomainError('member-not-found');
  refuseToGive(actor, present);
  return present;
}

/** Of a member with the role `present`, who is about to have it no more. */
function refuseLastOwner(team: OpenTeam, present: Role): void {
  if (present.kind === 'owner' && ownersOf(team).length === 1) throw new DomainError('last-owner');
}
