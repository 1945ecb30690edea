import type { RoleKind } from '../domain/team/events.ts';
import type { Projection } from './projection.ts';
import type { ReadModels } from './read-models.ts';

type Teams = {
  teams: { team_id: string; name: string; created_by: string; created_at: string };
  roles: { team_id: string; role_id: string; name: string; kind: RoleKind; grants: readonly string[] };
  memberships: { team_id: string; user_id: string; role_id: string; joined_at: string };
};

/** Teams, their roles, and who is in them with which role. */
export const teams: Projection<Teams> = {
  name: 'teams',
  version: 2,
  keys: { teams: ['team_id'], roles: ['team_id', 'role_id'], memberships: ['team_id', 'user_id'] },
  keep: { memberships: ['joined_at'] },
  schema: `
    create table teams (
      team_id uuid primary key,
      name text not null,
      created_by uuid not null,
      created_at timestamptz not null);
    create table roles (
      team_id uuid not null,
      role_id uuid not null,
      name text not null,
      kind text not null,
      grants text[] not null,
      primary key (team_id, role_id));
    create table memberships (
      team_id uuid not null,
      user_id uuid not null,
      role_id uuid not null,
      joined_at timestamptz not null,
      primary key (team_id, user_id))`,
  indexes: 'create index on memberships (user_id, joined_at)',
  on: {
    TeamCreated: (writes, { event: { data } }) => {
      writes.insert('teams', {
        team_id: data.teamId,
        name: data.name,
        created_by: data.createdBy,
        created_at: data.at,
      });
    },
    RoleAdded: (writes, { event: { data } }) => {
      const { teamId, roleId, name, kind, grants } = data;
      writes.insert('roles', { team_id: teamId, role_id: roleId, name, kind, grants });
    },
    MemberJoined: (writes, { event: { data } }) => {
      const { teamId, userId, roleId, at } = data;
      writes.insert('memberships', { team_id: teamId, user_id: userId, role_id: roleId, joined_at: at });
    },
    MemberAdded: (writes, { event: { data } }) => {
      const { teamId, userId, roleId, at } = data;
      writes.insert('memberships', { team_id: teamId, user_id: userId, role_id: roleId, joined_at: at });
    },
  },
};

export interface TeamOfUser {
  readonly teamId: string;
  readonly name: string;
  readonly roleId: string;
  /** The role's name. */
  readonly role: string;
}

const memberTables = `read_model.memberships m
  join read_model.teams t using (team_id)
  join read_model.roles r using (team_id, role_id)`;

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

export async function teamNames(pool: ReadModels, teamIds: readonly string[]): Promise<Map<string, string>> {
  if (teamIds.length === 0) return new Map();
  const { rows } = await pool.query<{ team_id: string; name: string }>({
    name: 'team-names',
    text: 'select team_id, name from read_model.teams where team_id = any($1)',
    values: [teamIds],
  });
  return new Map(rows.map(({ team_id, name }) => [team_id, name]));
}
