import { effectivePermissions } from '../../domain/permissions.ts';
import type { Access } from './access.ts';

/** The right over the whole platform counts in the team that runs it, and nowhere else. */
const platformPermission = 'system.admin';

/** The permissions of the catalogue that somebody has, in its order; none for somebody who is no member. */
export function permissionsOf(access: Access | undefined, catalogue: readonly string[]): string[] {
  if (access === undefined) return [];
  const counting = access.platform ? catalogue : catalogue.filter((name) => name !== platformPermission);
  return effectivePermissions(access.grants, counting);
}
