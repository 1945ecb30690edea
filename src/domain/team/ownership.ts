import { DomainError } from '../errors.ts';
import { actingOwner } from './acting.ts';
import type { TeamEvent } from './events.ts';
import { memberRole, type OpenTeam, type TeamState } from './state.ts';

export interface TransferOwnership {
  readonly type: 'TransferOwnership';
  readonly teamId: string;
  readonly by: string;
  readonly toUserId: string;
  readonly now: Date;
}

/**
 * The other member becomes Owner, and the former one a Manager, in one step. Throws `team-not-found`, `not-an-owner`
 * and `member-not-found`.
 */
export function transferOwnership(command: TransferOwnership, state: TeamState): readonly TeamEvent[] {
  const { teamId, by, toUserId, now } = command;
  const { team, actor } = actingOwner(by, state);
  const present = memberRole(team, toUserId);
  if (present === undefined) throw new DomainError('member-not-found');
  if (toUserId === by) return [];
  return [
    {
      type: 'OwnershipTransferred',
      data: {
        teamId,
        fromUserId: by,
        toUserId,
        fromRoleId: present.roleId,
        ownerRoleId: actor.roleId,
        formerOwnerRoleId: roleOfFormerOwner(team),
        at: now.toISOString(),
      },
    },
  ];
}

/** The platform team has no Managers: there it is the reviewers that a former Owner joins. */
function roleOfFormerOwner(team: OpenTeam): string {
  const roles = Object.values(team.roles);
  const role = roles.find(({ kind }) => kind === 'manager') ?? roles.find(({ kind }) => kind === 'reviewer');
  if (role === undefined) throw new Error('a team keeps the roles that it was born with');
  return role.roleId;
}
