import type { Decider } from '../decider.ts';
import type { PermissionCatalogueEvent } from './events.ts';
import { evolve, initialState, type PermissionCatalogueState } from './state.ts';

/** `permissions` is the whole catalogue as it should be. */
export interface PermissionCatalogueCommand {
  type: 'SeedPermissions';
  permissions: readonly { permission: string; description: string }[];
  now: Date;
}

function decide(
  { permissions, now }: PermissionCatalogueCommand,
  state: PermissionCatalogueState,
): readonly PermissionCatalogueEvent[] {
  const at = now.toISOString();
  const seeded = new Map(permissions.map(({ permission, description }) => [permission, description]));
  const added = [...seeded].filter(([permission]) => !state.permissions.includes(permission));
  const gone = state.permissions.filter((permission) => !seeded.has(permission));
  return [
    ...added.map(([permission, description]): PermissionCatalogueEvent => ({
      type: 'PermissionAdded',
      data: { permission, description, at },
    })),
    ...gone.map((permission): PermissionCatalogueEvent => ({ type: 'PermissionRetired', data: { permission, at } })),
  ];
}

export const permissionCatalogue: Decider<
  PermissionCatalogueState,
  PermissionCatalogueCommand,
  PermissionCatalogueEvent
> = { initialState, evolve, decide };
