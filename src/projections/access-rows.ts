import type { ReadModels } from './read-models.ts';

/** The rows of `access_history` as queries read them, each as it stands at a position. */

/** An event that made something so. */
export interface Cause {
  readonly position: string;
  readonly eventId: string;
  readonly at: Date;
}

export interface MemberRow extends Cause {
  readonly teamId: string;
  readonly userId: string;
  readonly roleId: string | null;
}

export interface RoleRow extends Cause {
  readonly teamId: string;
  readonly roleId: string;
  readonly name: string | null;
  readonly grants: readonly string[] | null;
}

export interface TeamRow {
  readonly teamId: string;
  readonly name: string;
  readonly platform: boolean;
  readonly closed: boolean;
}

export interface BarRow extends Cause {
  readonly userId: string;
  readonly barred: boolean;
}

export interface PermissionRow extends Cause {
  readonly permission: string;
  readonly present: boolean;
}

/** Positions: after the first, up to and with the second. */
export interface Span {
  readonly after: string;
  readonly upTo: string;
}

/** Whose access: of a team's members, of a person, or of a person in one team. */
export interface AccessScope {
  readonly team?: string | undefined;
  readonly user?: string | undefined;
}

export interface MemberKey {
  readonly teamId: string;
  readonly userId: string;
}

/** Of these only the members after the first and up to the second, in the order of team and person. */
export interface MembersAsked extends AccessScope {
  readonly after?: MemberKey | undefined;
  readonly upTo?: MemberKey | undefined;
}

const cause = 'position::text, event_id as "eventId", at';

function membersWhere({ team, user, after, upTo }: MembersAsked, values: unknown[]): string {
  if (team === undefined && user === undefined) return 'false';
  const given = (value: unknown) => `$${String(values.push(value))}`;
  const conditions: string[] = [];
  if (team !== undefined) conditions.push(`team_id = ${given(team)}`);
  if (user !== undefined) conditions.push(`user_id = ${given(user)}`);
  if (after) conditions.push(`(team_id, user_id) > (${given(after.teamId)}, ${given(after.userId)})`);
  if (upTo) conditions.push(`(team_id, user_id) <= (${given(upTo.teamId)}, ${given(upTo.userId)})`);
  return conditions.join(' and ');
}

/** Whoever was a member at some time up to `position`, the first `limit` of them. */
export async function memberKeys(
  pool: ReadModels,
  asked: MembersAsked,
  position: string,
  limit: number,
): Promise<MemberKey[]> {
  const values: unknown[] = [position, limit];
  const { rows } = await pool.query<MemberKey & Record<string, unknown>>(
    `select distinct team_id as "teamId", user_id as "userId"
     from read_model.access_members where position <= $1 and ${membersWhere(asked, values)}
     order by 1, 2 limit $2`,
    values,
  );
  return rows;
}

export async function membersAt(pool: ReadModels, asked: MembersAsked, position: string): Promise<MemberRow[]> {
  const values: unknown[] = [position];
  const { rows } = await pool.query<MemberRow & Record<string, unknown>>(
    `select distinct on (team_id, user_id) team_id as "teamId", user_id as "userId", role_id as "roleId", ${cause}
     from read_model.access_members m where m.position <= $1 and ${membersWhere(asked, values)}
     order by team_id, user_id, m.position desc`,
    values,
  );
  return rows;
}

export async function memberChanges(pool: ReadModels, asked: MembersAsked, span: Span): Promise<MemberRow[]> {
  const values: unknown[] = [span.after, span.upTo];
  const { rows } = await pool.query<MemberRow & Record<string, unknown>>(
    `select team_id as "teamId", user_id as "userId", role_id as "roleId", ${cause}
     from read_model.access_members m where m.position > $1 and m.position <= $2 and ${membersWhere(asked, values)}`,
    values,
  );
  return rows;
}

export async function rolesAt(pool: ReadModels, teamIds: readonly string[], position: string): Promise<RoleRow[]> {
  const { rows } = await pool.query<RoleRow & Record<string, unknown>>(
    `select distinct on (team_id, role_id) team_id as "teamId", role_id as "roleId", name, grants, ${cause}
     from read_model.access_roles r where team_id = any($1) and r.position <= $2
     order by team_id, role_id, r.position desc`,
    [teamIds, position],
  );
  return rows;
}

export async function roleChanges(pool: ReadModels, teamIds: readonly string[], span: Span): Promise<RoleRow[]> {
  const { rows } = await pool.query<RoleRow & Record<string, unknown>>(
    `select team_id as "teamId", role_id as "roleId", name, grants, ${cause}
     from read_model.access_roles r where team_id = any($1) and r.position > $2 and r.position <= $3`,
    [teamIds, span.after, span.upTo],
  );
  return rows;
}

export async function teamsAt(pool: ReadModels, teamIds: readonly string[], position: string): Promise<TeamRow[]> {
  const { rows } = await pool.query<TeamRow & Record<string, unknown>>(
    `select team_id as "teamId", bool_or(platform) as platform, bool_or(closed) as closed,
       (array_agg(name order by position desc) filter (where name is not null))[1] as name
     from read_model.access_teams where team_id = any($1) and position <= $2 group by team_id`,
    [teamIds, position],
  );
  return rows;
}

/** When teams were closed: only that takes access away. */
export async function teamClosures(
  pool: ReadModels,
  teamIds: readonly string[],
  span: Span,
): Promise<(Cause & { teamId: string })[]> {
  const { rows } = await pool.query<Cause & { teamId: string }>(
    `select team_id as "teamId", ${cause} from read_model.access_teams t
     where team_id = any($1) and closed and t.position > $2 and t.position <= $3`,
    [teamIds, span.after, span.upTo],
  );
  return rows;
}

export async function barsAt(pool: ReadModels, userIds: readonly string[], position: string): Promise<BarRow[]> {
  const { rows } = await pool.query<BarRow & Record<string, unknown>>(
    `select distinct on (user_id, bar) user_id as "userId", barred, ${cause}
     from read_model.access_users u where user_id = any($1) and u.position <= $2
     order by user_id, bar, u.position desc`,
    [userIds, position],
  );
  return rows;
}

export async function barChanges(pool: ReadModels, userIds: readonly string[], span: Span): Promise<BarRow[]> {
  const { rows } = await pool.query<BarRow & Record<string, unknown>>(
    `select user_id as "userId", barred, ${cause}
     from read_model.access_users u where user_id = any($1) and u.position > $2 and u.position <= $3`,
    [userIds, span.after, span.upTo],
  );
  return rows;
}

/** In the order in which they were added. */
export async function catalogueAt(pool: ReadModels, position: string): Promise<PermissionRow[]> {
  const { rows } = await pool.query<PermissionRow & Record<string, unknown>>(
    `select permission, present, ${cause} from (
       select distinct on (permission) * from read_model.access_permissions p where p.position <= $1
       order by permission, p.position desc) newest
     where present order by newest.position`,
    [position],
  );
  return rows;
}

export async function catalogueChanges(pool: ReadModels, span: Span): Promise<PermissionRow[]> {
  const { rows } = await pool.query<PermissionRow & Record<string, unknown>>(
    `select permission, present, ${cause} from read_model.access_permissions p
     where p.position > $1 and p.position <= $2`,
    [span.after, span.upTo],
  );
  return rows;
}

/** The newest names of the roles of these teams, retired ones too. */
export async function roleNames(pool: ReadModels, teamIds: readonly string[]): Promise<Map<string, string>> {
  if (teamIds.length === 0) return new Map();
  const { rows } = await pool.query<{ role_id: string; name: string }>({
    name: 'role-names',
    text: `select distinct on (team_id, role_id) role_id, name from read_model.access_roles
           where team_id = any($1) and name is not null order by team_id, role_id, position desc`,
    values: [teamIds],
  });
  return new Map(rows.map(({ role_id, name }) => [role_id, name]));
}
