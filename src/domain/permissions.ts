const everything = '*';
const platformPermission = 'system.admin';

/**
 * A grant is a permission, a `category.*`, or `*`. The right over the whole platform is granted by its own name only,
 * never by a wildcard: otherwise every Owner of a team would have it.
 */
export function isGranted(grants: readonly string[], permission: string): boolean {
  if (permission === platformPermission) return grants.includes(permission);
  const dot = permission.indexOf('.');
  const category = dot === -1 ? undefined : `${permission.slice(0, dot)}.*`;
  return grants.some((grant) => grant === everything || grant === permission || grant === category);
}

/**
 * The first grant that `giver` does not cover, or `undefined`. Nobody gives away what they do not hold: a wildcard is
 * covered by itself or a wider one only, since it stands for permissions that are yet to come.
 */
export function missingToGrant(giver: readonly string[], grants: readonly string[]): string | undefined {
  return grants.find((grant) => !covers(giver, grant));
}

function covers(giver: readonly string[], grant: string): boolean {
  if (grant === everything) return giver.includes(everything);
  if (grant.endsWith('.*')) return giver.includes(everything) || giver.includes(grant);
  return isGranted(giver, grant);
}

/**
 * The first grant that names nothing in the catalogue, or `undefined`. A category is what a wildcard of it could grant:
 * one that holds the right over the whole platform alone is none.
 */
export function unknownGrant(grants: readonly string[], catalogue: readonly string[]): string | undefined {
  const known = (grant: string) =>
    grant === everything || catalogue.some((permission) => isGranted([grant], permission));
  return grants.find((grant) => !known(grant));
}

/** The permissions of the catalogue that the grants include, in the order of the catalogue. */
export function effectivePermissions(grants: readonly string[], catalogue: readonly string[]): string[] {
  return catalogue.filter((permission) => isGranted(grants, permission));
}
