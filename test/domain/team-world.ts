import { team } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import type { TeamState } from '../../src/domain/team/state.ts';
import { at, moment } from './moments.ts';

export const teamId = 'team-1';
export const catalogue = [
  'team.manage',
  'team.invite',
  'team.view',
  'site.create',
  'site.edit',
  'env.deploy',
  'server.manage',
  'user.manage',
  'billing.manage',
  'events.read',
  'system.admin',
];

/** Whoever acts, on what, now. */
export const acting = (by: string) => ({ teamId, by, catalogue, now: moment() });

/** A team of Ann, its Owner. */
export const created = team.decide(
  {
    type: 'CreateTeam',
    teamId,
    name: 'Lee & Co',
    ownerId: 'ann',
    roleIds: { owner: 'role-o', manager: 'role-m', developer: 'role-d' },
    now: moment(),
  },
  team.initialState,
);

/** The team that runs the platform, and Ann, its first Owner. */
export const founded = team.decide(
  {
    type: 'FoundPlatformTeam',
    teamId,
    name: 'Platform',
    roleIds: { owner: 'role-o', reviewer: 'role-r' },
    now: moment(),
  },
  team.initialState,
);

export const member = (userId: string, roleId: string): TeamEvent => ({
  type: 'MemberAdded',
  data: { teamId, userId, roleId, at: at() },
});

export const custom = (roleId: string, ...grants: string[]): TeamEvent => ({
  type: 'RoleAdded',
  data: { teamId, roleId, name: roleId, kind: 'custom', grants, at: at() },
});

export const roleChanged = (
  userId: string,
  fromRoleId: string,
  roleId: string,
  reason: 'changed' | 'role-retired' = 'changed',
): TeamEvent => ({ type: 'MemberRoleChanged', data: { teamId, userId, fromRoleId, roleId, reason, at: at() } });

export const closed: TeamEvent = { type: 'TeamClosed', data: { teamId, at: at() } };

export const after = (...events: TeamEvent[]): TeamState => events.reduce(team.evolve, team.initialState);
