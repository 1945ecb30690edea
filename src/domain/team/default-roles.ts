import type { RoleKind } from './events.ts';

export type DefaultRoleKind = Exclude<RoleKind, 'custom'>;

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
