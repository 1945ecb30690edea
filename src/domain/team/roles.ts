import { DomainError } from '../errors.ts';
import { unknownGrant } from '../permissions.ts';
import { permitted, refuseToGive, type Acting } from './acting.ts';
import type { TeamEvent } from './events.ts';
import { roleIn, type OpenTeam, type Role, type TeamState } from './state.ts';

const maxRoleNameLength = 60;
const maxRoles = 100;

export interface AddRole extends Acting {
  readonly type: 'AddRole';
  readonly roleId: string;
  readonly name: string;
  readonly grants: readonly string[];
}

/** Throws `role-name-taken`, `unknown-permission`, `too-many-roles`, and what `permitted` and `refuseToGive` do. */
export function addRole(command: AddRole, state: TeamState): readonly TeamEvent[] {
  const { teamId, roleId, now } = command;
  const { team, actor } = permitted(command, state, 'team.manage');
  if (roleIn(team, roleId) !== undefined) return [];
  const name = freeName(team, command.name);
  const grants = grantable(actor, command.grants, command.catalogue);
  if (Object.keys(team.roles).length >= maxRoles) throw new DomainError('too-many-roles', { limit: maxRoles });
  const role = { teamId, roleId, name, kind: 'custom', grants, at: now.toISOString() } as const;
  return [{ type: 'RoleAdded', data: role }];
}

export interface ChangeRole extends Acting {
  readonly type: 'ChangeRole';
  readonly roleId: string;
  readonly name?: string | undefined;
  readonly grants?: readonly string[] | undefined;
}

/**
 * Throws `role-not-editable` and what `AddRole` does. A role that holds what the actor lacks is not theirs to change,
 * whether or not they have it themselves.
 */
export function changeRole(command: ChangeRole, state: TeamState): readonly TeamEvent[] {
  const { teamId, roleId, now } = command;
  const { team, actor } = permitted(command, state, 'team.manage');
  const role = editableRole(team, actor, roleId);
  const name = command.name === undefined ? role.name : freeName(team, command.name, roleId);
  const grants = command.grants === undefined ? role.grants : grantable(actor, command.grants, command.catalogue);
  if (name === role.name && sameGrants(grants, role.grants)) return [];
  return [{ type: 'RoleChanged', data: { teamId, roleId, name, grants, at: now.toISOString() } }];
}

/** Throws `role-not-found`, `role-not-editable` for a role that every team has, and what `refuseToGive` does. */
export function editableRole(team: OpenTeam, actor: Role, roleId: string): Role {
  const role = roleIn(team, roleId);
  if (role === undefined) throw new DomainError('role-not-found');
  if (role.kind !== 'custom') throw new DomainError('role-not-editable');
  refuseToGive(actor, role);
  return role;
}

function freeName(team: OpenTeam, given: string, roleId?: string): string {
  const name = given.trim();
  if (name.length === 0 || name.length > maxRoleNameLength) throw new Error('names are checked where they come in');
  const taken = Object.values(team.roles).some((role) => role.roleId !== roleId && folded(role.name) === folded(name));
  if (taken) throw new DomainError('role-name-taken');
  return name;
}

/** Names that look alike are alike. */
const folded = (name: string) => name.normalize('NFKC').toLowerCase();

function grantable(actor: Role, given: readonly string[], catalogue: readonly string[]): readonly string[] {
  const grants = [...new Set(given)];
  const unknown = unknownGrant(grants, catalogue);
  if (unknown !== undefined) throw new DomainError('unknown-permission', { permission: unknown });
  refuseToGive(actor, { kind: 'custom', grants });
  return grants;
}

const sameGrants = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((grant) => other.includes(grant));
