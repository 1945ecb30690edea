import { accessAt, type Access } from './access-queries.ts';
import {
  barChanges,
  catalogueChanges,
  memberChanges,
  roleChanges,
  teamClosures,
  type Cause,
  type MemberKey,
  type MembersAsked,
  type Span,
} from './access-rows.ts';
import type { Readers } from './sealed.ts';

interface Changed {
  readonly before: Access;
  readonly after: Access;
  readonly gainedPermissions: readonly string[];
  readonly lostPermissions: readonly string[];
}

/** Ids of what made it so, in the order of the log. */
interface ByEvents {
  readonly events: readonly string[];
}

export interface AccessDiff {
  readonly gained: readonly (Access & ByEvents)[];
  readonly lost: readonly (Access & ByEvents)[];
  readonly changed: readonly (Changed & ByEvents)[];
}

/** Of one member: what they have in one of the lists. */
export interface AccessDifference extends MemberKey {
  readonly gained?: Access & ByEvents;
  readonly lost?: Access & ByEvents;
  readonly changed?: Changed & ByEvents;
}

/** What these could do at the later position and not at the earlier one, and the other way round; by team and person. */
export async function accessDifferences(
  readers: Readers,
  asked: MembersAsked,
  span: Span,
): Promise<readonly AccessDifference[]> {
  const [before, after] = await Promise.all([
    accessAt(readers, asked, span.after),
    accessAt(readers, asked, span.upTo),
  ]);
  const eventsFor = await changesOf(readers, asked, span, [...before, ...after]);
  const [then, now] = [byMember(before), byMember(after)];
  return [...new Set([...then.keys(), ...now.keys()])]
    .sort()
    .flatMap((key) => differenceOf(then.get(key), now.get(key), eventsFor) ?? []);
}

export const inLists = (differences: readonly AccessDifference[]): AccessDiff => ({
  gained: differences.flatMap(({ gained }) => gained ?? []),
  lost: differences.flatMap(({ lost }) => lost ?? []),
  changed: differences.flatMap(({ changed }) => changed ?? []),
});

const keyOf = ({ teamId, userId }: MemberKey) => `${teamId} ${userId}`;

const memberOf = ({ teamId, userId }: MemberKey): MemberKey => ({ teamId, userId });

const byMember = (accesses: readonly Access[]) => new Map(accesses.map((access) => [keyOf(access), access]));

function differenceOf(
  before: Access | undefined,
  after: Access | undefined,
  eventsFor: (...about: readonly Access[]) => string[],
): AccessDifference | undefined {
  if (before === undefined) return after && { ...memberOf(after), gained: { ...after, events: eventsFor(after) } };
  if (after === undefined) return { ...memberOf(before), lost: { ...before, events: eventsFor(before) } };
  const change = changedFrom(before, after);
  return change && { ...memberOf(after), changed: { ...change, events: eventsFor(before, after) } };
}

function changedFrom(before: Access, after: Access): Changed | undefined {
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
async function changesOf(readers: Readers, asked: MembersAsked, span: Span, accesses: readonly Access[]) {
  const { pool } = readers;
  const teamIds = [...new Set(accesses.map(({ teamId }) => teamId))];
  const userIds = [...new Set(accesses.map(({ userId }) => userId))];
  const [members, roles, closures, bars, catalogue] = await Promise.all([
    memberChanges(pool, asked, span),
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
