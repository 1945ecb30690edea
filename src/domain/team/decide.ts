import type { Decider } from '../decider.ts';
import { addMember, type AddMember } from './add-member.ts';
import { defaultRoles, type DefaultRoleKind } from './default-roles.ts';
import type { TeamEvent } from './events.ts';
import { evolve, initialState, type TeamState } from './state.ts';

interface CreateTeam {
  type: 'CreateTeam';
  teamId: string;
  name: string;
  ownerId: string;
  roleIds: Readonly<Record<DefaultRoleKind, string>>;
  now: Date;
}

export type TeamCommand = CreateTeam | AddMember;

function decide(command: TeamCommand, state: TeamState): readonly TeamEvent[] {
  return command.type === 'CreateTeam' ? create(command, state) : addMember(command, state);
}

function create({ teamId, name, ownerId, roleIds, now }: CreateTeam, state: TeamState): readonly TeamEvent[] {
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

export const team: Decider<TeamState, TeamCommand, TeamEvent> = { initialState, evolve, decide, stateVersion: 2 };
