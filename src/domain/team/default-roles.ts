import type { RoleKind } from './events.ts';

export type DefaultRoleKind = Extract<RoleKind, 'owner' | 'manager' | 'developer'>;
export type PlatformRoleKind = Extract<RoleKind, 'owner' | 'reviewer'>;

/** The roles that every team is born with. */
export const defaultRoles: readonly { kind: DefaultRoleKind; name: string; grants: readonly string[] }[] = [
  { kind: 'owner', name: 'Owner', grants: ['*'] },
  {
    kind: 'manager',
    name: 'Manager',
    grants: ['team.*', 'site.*', 'env.*', 'backup.*', 'server.*', 'user.manage', 'events.read'],
  },
  {
    kind: 'developer',
    name: 'Developer',
    grants: ['team.view', 'site.create', 'site.edit', 'env.create', 'env.deploy', 'backup.create'],
  },
];

/** The roles that the platform team is founded with instead: no wildcard includes the right over the whole platform. */
export const platformRoles: readonly { kind: PlatformRoleKind; name: string; grants: readonly string[] }[] = [
  { kind: 'owner', name: 'Owner', grants: ['*', 'system.admin'] },
  { kind: 'reviewer', name: 'Compliance reviewer', grants: ['team.view', 'events.read'] },
];
