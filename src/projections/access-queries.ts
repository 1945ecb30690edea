import { effectivePermissions, isGranted } from '../domain/permissions.ts';
import {
  barsAt,
  catalogueAt,
  membersAt,
  rolesAt,
  teamsAt,
  type BarRow,
  type Cause,
  type MemberRow,
  type MembersAsked,
  type PermissionRow,
  type RoleRow,
  type TeamRow,
} from './access-rows.ts';
import type { ReadModels } from './read-models.ts';
import type { Readers } from './sealed.ts';
import { userNames } from './users.ts';

/** The right over the whole platform counts in the team that runs it, and nowhere else. */
const platformPermission = 'system.admin';

export interface Access {
  readonly userId: string;
  /** `null` once the person is erased. */
  readonly name: string | null;
  readonly teamId: string;
  readonly teamName: string;
  readonly roleId: string;
  readonly roleName: string;
  readonly grants: readonly string[];
  /** Of the catalogue as it was then, wildcards resolved. */
  readonly permissions: readonly string[];
  /** The last of the events that made it so. */
  readonly since: { readonly position: string; readonly at: string; readonly eventId: string };
  /** Their ids, in the order of the log. */
  readonly because: readonly string[];
}

/**
 * Who could do what when everything up to `position` had happened, and nothing after it, by team and person; with `permission`, only those
 * who held it. People who were kept out, by deactivation say, could do nothing.
 */
export async function accessAt(
  readers: Readers,
  asked: MembersAsked,
  position: string,
  permission?: string,
): Promise<Access[]> {
  const { pool } = readers;
  const members = (await membersAt(pool, asked, position)).filter(isMember);
  const situation = await situationAt(pool, members, position);
  const held = members.flatMap((member) => heldBy(member, situation, permission) ?? []);
  const names = await userNames(readers, [...new Set(held.map(({ userId }) => userId))]);
  return held.map(({ userId, ...rest }) => ({ userId, name: names.get(userId) ?? null, ...rest }));
}

type Member = MemberRow & { readonly roleId: string };

const isMember = (member: MemberRow): member is Member => member.roleId !== null;

/** What the access of some members rests on besides their roles. */
interface Situation {
  readonly teams: ReadonlyMap<string, TeamRow>;
  readonly roles: ReadonlyMap<string, RoleRow>;
  readonly bars: readonly BarRow[];
  readonly catalogue: readonly PermissionRow[];
}

async function situationAt(pool: ReadModels, members: readonly Member[], position: string): Promise<Situation> {
  const teamIds = [...new Set(members.map(({ teamId }) => teamId))];
  const userIds = [...new Set(members.map(({ userId }) => userId))];
  const [teams, roles, bars, catalogue] = await Promise.all([
    teamsAt(pool, teamIds, position),
    rolesAt(pool, teamIds, position),
    barsAt(pool, userIds, position),
    catalogueAt(pool, position),
  ]);
  return {
    teams: new Map(teams.map((team) => [team.teamId, team])),
    roles: new Map(roles.map((role) => [`${role.teamId} ${role.roleId}`, role])),
    bars,
    catalogue,
  };
}

function heldBy(member: Member, situation: Situation, permission?: string): Omit<Access, 'name'> | undefined {
  const { userId, teamId, roleId } = member;
  const team = situation.teams.get(teamId);
  const role = situation.roles.get(`${teamId} ${roleId}`);
  const bars = situation.bars.filter((bar) => bar.userId === userId);
  if (team === undefined || team.closed || !isInForce(role) || bars.some(({ barred }) => barred)) return undefined;
  const counting = situation.catalogue.filter((known) => team.platform || known.permission !== platformPermission);
  const asked = counting.find((known) => known.permission === permission);
  if (permission !== undefined && (asked === undefined || !isGranted(role.grants, permission))) return undefined;
  const causes = [member, role, ...bars, ...(asked === undefined ? [] : [asked])];
  const names = counting.map((known) => known.permission);
  return {
    ...{ userId, teamId, teamName: team.name, roleId, roleName: role.name, grants: role.grants },
    permissions: effectivePermissions(role.grants, names),
    ...sinceOf(causes),
  };
}

type RoleInForce = RoleRow & { readonly name: string; readonly grants: readonly string[] };

const isInForce = (role: RoleRow | undefined): role is RoleInForce => role !== undefined && role.grants !== null;

function sinceOf(causes: readonly Cause[]): Pick<Access, 'since' | 'because'> {
  const inOrder = causes.toSorted((one, other) => (BigInt(one.position) < BigInt(other.position) ? -1 : 1));
  const last = inOrder.at(-1);
  if (last === undefined) throw new Error('Nothing is so without a cause.');
  const { position, at, eventId } = last;
  return {
    since: { position, at: at.toISOString(), eventId },
    because: [...new Set(inOrder.map((cause) => cause.eventId))],
  };
}
