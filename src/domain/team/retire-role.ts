import { DomainError } from '../errors.ts';
import { permitted, refuseToGive, type Acting } from './acting.ts';
import type { TeamEvent } from './events.ts';
import { editableRole } from './roles.ts';
import { roleIn, type OpenTeam, type TeamState } from './state.ts';

/** They go into one append together, of which the store takes a megabyte. */
const maxReassigned = 500;

export interface RetireRole extends Acting {
  readonly type: 'RetireRole';
  readonly roleId: string;
  /** What those get who have it. */
  readonly reassignTo?: string | undefined;
}

/**
 * Throws `role-in-use` while members have it and no other role is named for them, or too many have it for one step;
 * `role-not-found` for either role, `role-not-editable`, and what `permitted` and `refuseToGive` do.
 */
export function retireRole(command: RetireRole, state: TeamState): readonly TeamEvent[] {
  const { teamId, roleId, reassignTo, now } = command;
  const at = now.toISOString();
  const { team, actor } = permitted(command, state, 'team.manage');
  editableRole(team, actor, roleId);
  const holders = holdersOf(team, roleId);
  if (reassignTo !== undefined) {
    const target = reassignTo === roleId ? undefined : roleIn(team, reassignTo);
    if (target === undefined) throw new DomainError('role-not-found');
    refuseToGive(actor, target);
  }
  return [
    ...reassigned(holders, reassignTo).map(({ userId, to }): TeamEvent => ({
      type: 'MemberRoleChanged',
      data: { teamId, userId, fromRoleId: roleId, roleId: to, reason: 'role-retired', at },
    })),
    { type: 'RoleRetired', data: { teamId, roleId, at } },
  ];
}

function reassigned(holders: readonly string[], to: string | undefined): readonly { userId: string; to: string }[] {
  if (holders.length > maxReassigned) {
    throw new DomainError('role-in-use', { members: holders.length, atOnce: maxReassigned });
  }
  if (to !== undefined) return holders.map((userId) => ({ userId, to }));
  if (holders.length > 0) throw new DomainError('role-in-use', { members: holders.length });
  return [];
}

function holdersOf(team: OpenTeam, roleId: string): string[] {
  return Object.entries(team.members)
    .filter(([, held]) => held === roleId)
    .map(([userId]) => userId);
}
