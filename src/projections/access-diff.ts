import { accessAt, type Access } from './access-queries.ts';
import {
  barChanges,
  catalogueChanges,
  memberChanges,
  roleChanges,
  teamClosures,
  type AccessScope,
  type Cause,
  type Span,
} from './access-rows.ts';
import type { Readers } from './sealed.ts';

interface Changed {
  readonly before: Access;
  readonly after: Access;
  readonly gainedPermissions: readonly string[];
  readonly lostPermissions: readonly string[];
}

export interface AccessDiff {
  /** `events`: ids of what made it so, in the order of the log. */
  readonly gained: readonly (Access & { readonly events: readonly string[] })[];
  readonly lost: readonly (Access & { readonly events: readonly string[] })[];
  readonly changed: readonly (Changed & { readonly events: readonly string[] })[];
}

/** What somebody could do at the later position and not at the earlier one, and the other way round. */
export async function accessDiff(readers: Readers, scope: AccessScope, span: Span): Promise<AccessDiff> {
  const [before, after] = await Promise.all([
    accessAt(readers, scope, span.after),
    accessAt(readers, scope, span.upTo),
  ]);
  const eventsFor = await changesOf(readers, scope, span, [...before, ...after]);
  const [then, now] = [byMember(before), byMember(after)];
  return {
    gained: after
      .filter((access) => !then.has(keyOf(access)))
      .map((access) => ({ ...access, events: eventsFor(access) })),
    lost: before
      .filter((access) => !now.has(keyOf(access)))
      .map((access) => ({ ...access, events: eventsFor(access) })),
    changed: after.flatMap((access) => {
      const change = changedFrom(then.get(keyOf(access)), access);
      return change === undefined ? [] : [{ ...change, events: eventsFor(change.before, access) }];
    }),
  };
}

const keyOf = ({ teamId, userId }: Pick<Access, 'teamId' | 'userId'>) => `${teamId} ${userId}`;

const byMember = (accesses: readonly Access[]) => new Map(accesses.map((access) => [keyOf(access), access]));

function changedFrom(before: Access | undefined, after: Access): Changed | undefined {
  if (before === undefined) return undefined;
  const gainedPermissions = after.permissions.filter((name) => !before.permissions.includes(name));
  const lostPermissions = before.permissions.filter((name) => !after.permissions.includes(name));
  const isSame =
    before.roleId === after.roleId &&
    before.roleName === after.roleName &&
    before.grants.join() === after.grants.join() &&
    gainedPermissions.length + lostPermissions.length === 0;
  return isSame ? undefined : { before, after, gainedPermissions, lostPermissions };
}

/** Everything that happened between to a member, to their roles, to their team, and to the permissions in question. */
async function changesOf(readers: Readers, scope: AccessScope, span: Span, accesses: readonly Access[]) {
  const { pool } = readers;
  const teamIds = [...new Set(accesses.map(({ teamId }) => teamId))];
  const userIds = [...new Set(accesses.map(({ userId }) => userId))];
  const [members, roles, closures, bars, catalogue] = await Promise.all([
    memberChanges(pool, scope, span),
    roleChanges(pool, teamIds, span),
    teamClosures(pool, teamIds, span),
    barChanges(pool, userIds, span),
    catalogueChanges(pool, span),
  ]);
  return (...about: readonly Access[]): string[] => {
    const [{ teamId, userId }] = about as [Access];
    const roleIds = about.map(({ roleId }) => roleId);
    const [few, many] = about.map(({ permissions }) => permissions);
    const moved = few === undefined || many === undefined ? [] : symmetricDifference(few, many);
    return idsInOrder([
      ...members.filter((row) => row.teamId === teamId && row.userId === userId),
      ...roles.filter((row) => row.teamId === teamId && roleIds.includes(row.roleId)),
      ...closures.filter((row) => row.teamId === teamId),
      ...bars.filter((row) => row.userId === userId),
      ...catalogue.filter((row) => moved.includes(row.permission)),
    ]);
  };
}

const symmetricDifference = (one: readonly string[], other: readonly string[]) => [
  ...one.filter((name) => !other.includes(name)),
  ...other.filter((name) => !one.includes(name)),
];

const idsInOrder = (causes: readonly Cause[]): string[] => [
  ...new Set(
    causes
      .toSorted((one, other) => (BigInt(one.position) < BigInt(other.position) ? -1 : 1))
      .map(({ eventId }) => eventId),
  ),
];
