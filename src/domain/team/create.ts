import { defaultRoles, platformRoles, type DefaultRoleKind, type PlatformRoleKind } from './default-roles.ts';
import type { TeamEvent } from './events.ts';
import type { TeamState } from './state.ts';

export interface CreateTeam {
  readonly type: 'CreateTeam';
  readonly teamId: string;
  readonly name: string;
  readonly ownerId: string;
  readonly roleIds: Readonly<Record<DefaultRoleKind, string>>;
  readonly now: Date;
}

export function createTeam(command: CreateTeam, state: TeamState): readonly TeamEvent[] {
  const { teamId, name, ownerId, roleIds, now } = command;
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

/** The team whose members run the platform, before anybody is in it: the first to come becomes its Owner. */
export interface FoundPlatformTeam {
  readonly type: 'FoundPlatformTeam';
  readonly teamId: string;
  readonly name: string;
  readonly roleIds: Readonly<Record<PlatformRoleKind, string>>;
  readonly now: Date;
}

export function foundPlatformTeam(command: FoundPlatformTeam, state: TeamState): readonly TeamEvent[] {
  const { teamId, name, roleIds, now } = command;
  if (state.status !== 'unknown') return [];
  const at = now.toISOString();
  return [
    { type: 'PlatformTeamFounded', data: { teamId, name, at } },
    ...platformRoles.map((role): TeamEvent => ({
      type: 'RoleAdded',
      data: { teamId, roleId: roleIds[role.kind], ...role, at },
    })),
  ];
}
