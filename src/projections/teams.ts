import type { Recorded } from '../application/ports.ts';
import type { EventOf } from '../domain/events.ts';
import type { RoleKind } from '../domain/team/events.ts';
import type { Projection, Writes } from './projection.ts';
import type { ReadModels } from './read-models.ts';

type Teams = {
  teams: {
    team_id: string;
    name: string;
    platform: boolean;
    /** Nobody's for the platform team. */
    created_by: string | null;
    created_at: string;
    /** The installation's default where the team has not set its own. */
    idle_timeout_seconds: number | null;
    closed_at: string | null;
  };
  roles: {
    team_id: string;
    role_id: string;
    name: string;
    kind: RoleKind;
    grants: readonly string[];
    retired_at: string | null;
  };
  memberships: {
    team_id: string;
    user_id: string;
    role_id: string;
    joined_at: string;
    /** Removed, or gone of their own accord. */
    left_at: string | null;
  };
};

/**
 * Teams, their roles, and who is in them with which role. Rows stay when a team is closed, a role retired or a member
 * gone, with the time of that: a query says which ones it wants.
 */
export const teams: Projection<Teams> = {
  name: 'teams',
  version: 3,
  keys: { teams: ['team_id'], roles: ['team_id', 'role_id'], memberships: ['team_id', 'user_id'] },
  schema: `
    create table teams (
      team_id uuid primary key,
      name text not null,
      platform boolean not null,
      created_by uuid,
      created_at timestamptz not null,
      idle_timeout_seconds integer,
      closed_at timestamptz);
    create table roles (
      team_id uuid not null,
      role_id uuid not null,
      name text not null,
      kind text not null,
      grants text[] not null,
      retired_at timestamptz,
      primary key (team_id, role_id));
    create table memberships (
      team_id uuid not null,
      user_id uuid not null,
      role_id uuid not null,
      joined_at timestamptz not null,
      left_at timestamptz,
      primary key (team_id, user_id))`,
  indexes: 'create index on memberships (user_id, joined_at)',
  on: {
    TeamCreated: (writes, { event: { data } }) => {
      const { teamId, name, createdBy, at } = data;
      writes.insert('teams', {
        ...newTeam,
        team_id: teamId,
        name,
        platform: false,
        created_by: createdBy,
        created_at: at,
      });
    },
    PlatformTeamFounded: (writes, { event: { data } }) => {
      const { teamId, name, at } = data;
      writes.insert('teams', { ...newTeam, team_id: teamId, name, platform: true, created_by: null, created_at: at });
    },
    TeamRenamed: (writes, { event: { data } }) => {
      writes.update('teams', { team_id: data.teamId }, { name: data.name });
    },
    SessionPolicyChanged: (writes, { event: { data } }) => {
      writes.update('teams', { team_id: data.teamId }, { idle_timeout_seconds: data.idleTimeoutSeconds });
    },
    TeamClosed: (writes, { event: { data } }) => {
      writes.update('teams', { team_id: data.teamId }, { closed_at: data.at });
    },
    RoleAdded: (writes, { event: { data } }) => {
      const { teamId, roleId, name, kind, grants } = data;
      writes.insert('roles', { team_id: teamId, role_id: roleId, name, kind, grants, retired_at: null });
    },
    RoleChanged: (writes, { event: { data } }) => {
      const { teamId, roleId, name, grants } = data;
      writes.update('roles', { team_id: teamId, role_id: roleId }, { name, grants });
    },
    RoleRetired: (writes, { event: { data } }) => {
      writes.update('roles', { team_id: data.teamId, role_id: data.roleId }, { retired_at: data.at });
    },
    MemberJoined: joined,
    MemberAdded: joined,
    MemberRoleChanged: (writes, { event: { data } }) => {
      writes.update('memberships', { team_id: data.teamId, user_id: data.userId }, { role_id: data.roleId });
    },
    OwnershipTransferred: (writes, { event: { data } }) => {
      const { teamId, fromUserId, toUserId, ownerRoleId, formerOwnerRoleId } = data;
      writes.update('memberships', { team_id: teamId, user_id: fromUserId }, { role_id: formerOwnerRoleId });
      writes.update('memberships', { team_id: teamId, user_id: toUserId }, { role_id: ownerRoleId });
    },
    MemberRemoved: gone,
    MemberLeft: gone,
  },
};

const newTeam = { idle_timeout_seconds: null, closed_at: null };

function joined(writes: Writes<Teams>, { event: { data } }: Recorded<EventOf<'MemberAdded' | 'MemberJoined'>>): void {
  const { teamId, userId, roleId, at } = data;
  writes.insert('memberships', { team_id: teamId, user_id: userId, role_id: roleId, joined_at: at, left_at: null });
}

function gone(writes: Writes<Teams>, { event: { data } }: Recorded<EventOf<'MemberRemoved' | 'MemberLeft'>>): void {
  writes.update('memberships', { team_id: data.teamId, user_id: data.userId }, { left_at: data.at });
}

export interface TeamOfUser {
  readonly teamId: string;
  readonly name: string;
  readonly roleId: string;
  /** The role's name. */
  readonly role: string;
}

/** Of members as they are: of open teams only. */
const memberTables = `read_model.memberships m
  join read_model.teams t on t.team_id = m.team_id and t.closed_at is null and m.left_at is null
  join read_model.roles r on r.team_id = m.team_id and r.role_id = m.role_id`;

/** The teams a person belongs to, in the order of joining. */
export async function teamsOf(pool: ReadModels, userId: string): Promise<TeamOfUser[]> {
  const { rows } = await pool.query<TeamOfUser>({
    name: 'teams-of-user',
    text: `select m.team_id as "teamId", t.name, m.role_id as "roleId", r.name as role from ${memberTables}
           where m.user_id = $1 order by m.joined_at, m.team_id`,
    values: [userId],
  });
  return rows;
}

export interface Membership {
  readonly teamId: string;
  readonly teamName: string;
  readonly roleId: string;
  readonly roleName: string;
  readonly grants: readonly string[];
}

export async function membership(pool: ReadModels, teamId: string, userId: string): Promise<Membership | undefined> {
  const { rows } = await pool.query<Membership>({
    name: 'membership',
    text: `select m.team_id as "teamId", t.name as "teamName", m.role_id as "roleId", r.name as "roleName", r.grants
           from ${memberTables} where m.team_id = $1 and m.user_id = $2`,
    values: [teamId, userId],
  });
  return rows[0];
}

/** Of closed teams too. */
export async function teamNames(pool: ReadModels, teamIds: readonly string[]): Promise<Map<string, string>> {
  if (teamIds.length === 0) return new Map();
  const { rows } = await pool.query<{ team_id: string; name: string }>({
    name: 'team-names',
    text: 'select team_id, name from read_model.teams where team_id = any($1)',
    values: [teamIds],
  });
  return new Map(rows.map(({ team_id, name }) => [team_id, name]));
}

/** Members as they are now. */
export async function memberIdsOf(pool: ReadModels, teamId: string): Promise<string[]> {
  const { rows } = await pool.query<{ user_id: string }>(
    'select user_id from read_model.memberships where team_id = $1 and left_at is null',
    [teamId],
  );
  return rows.map(({ user_id }) => user_id);
}
