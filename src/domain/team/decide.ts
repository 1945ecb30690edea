import type { Decider } from '../decider.ts';
import { defaultRoles, type DefaultRoleKind } from './default-roles.ts';
import type { TeamEvent } from './events.ts';
import { evolve, initialState, type TeamState } from './state.ts';

export interface TeamCommand {
  type: 'CreateTeam';
  teamId: string;
  name: string;
  ownerId: string;
  roleIds: Readonly<Record<DefaultRoleKind, string>>;
  now: Date;
}

function decide({ teamId, name, ownerId, roleIds, now }: TeamCommand, state: TeamState): readonly TeamEvent[] {
  if (state.status !== 'unknown') return [];
  const at = now.toISOString();
  return [
    { type: 'TeamCreated', data: { teamId, name, createdBy: ownerId, at } },
    ...defaultRoles.map((role): TeamEvent => ({
      type: 'RoleAdded',
      data: { teamId, roleId: roleIds[role.kind], ...role, at },
    })),
    { type: 'MemberAdded', data: { teamId, userId: ownerId, roleId: roleIds.owner, at } },
  ];
}

export const team: Decider<TeamState, TeamCommand, TeamEvent> = { initialState, evolve, decide, stateVersion: 1 };
