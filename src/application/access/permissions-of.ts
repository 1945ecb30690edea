import { effectivePermissions } from '../../domain/permissions.ts';
import type { Access } from './access.ts';

/** The right over the whole platform counts in the team that runs it, and nowhere else. */
const platformPermission = 'system.admin';

type Catalogue = readonly { readonly permission: string }[];

/** Both are values: what comes of them is found out once for as long as both are in use. */
const known = new WeakMap<Access, { readonly catalogue: Catalogue; readonly permissions: readonly string[] }>();

/** The permissions of the catalogue that somebody has, in its order; none for somebody who is no member. */
export function permissionsOf(access: Access | undefined, catalogue: Catalogue): readonly string[] {
  if (access === undefined) return [];
  const before = known.get(access);
  if (before?.catalogue === catalogue) return before.permissions;
  const names = catalogue.map(({ permission }) => permission);
  const counting = access.platform ? names : names.filter((name) => name !== platformPermission);
  const permissions = effectivePermissions(access.grants, counting);
  known.set(access, { catalogue, permissions });
  return permissions;
}
