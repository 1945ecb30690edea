import type { ReadModels } from './read-models.ts';

export interface RoleGranting {
  readonly grant: string;
  readonly teamId: string;
  readonly teamName: string;
  readonly roleId: string;
  readonly roleName: string;
  readonly members: number;
}

/** The roles that name one of these grants, word for word; of closed teams none. */
export async function rolesGranting(pool: ReadModels, grants: readonly string[]): Promise<readonly RoleGranting[]> {
  const { rows } = await pool.query<RoleGranting>({
    name: 'roles-granting',
    text: `select g.name as grant, t.team_id as "teamId", t.name as "teamName", r.role_id as "roleId",
             r.name as "roleName", (select count(*)::int from read_model.memberships m
               where m.team_id = r.team_id and m.role_id = r.role_id and m.left_at is null) as members
           from read_model.roles r
           join read_model.teams t on t.team_id = r.team_id and t.closed_at is null
           cross join unnest(r.grants) g (name)
           where r.retired_at is null and g.name = any($1) order by g.name, t.name, t.team_id, r.name`,
    values: [grants],
  });
  return rows;
}

/** How many roles hold each of these grants; of closed teams none. */
export async function countGranting(
  pool: ReadModels,
  grants: readonly string[],
): Promise<readonly { readonly grant: string; readonly roles: number }[]> {
  const { rows } = await pool.query<{ grant: string; roles: number }>({
    name: 'count-granting',
    text: `select g.name as grant, count(*)::int as roles
           from read_model.roles r
           join read_model.teams t on t.team_id = r.team_id and t.closed_at is null
           cross join unnest(r.grants) g (name)
           where r.retired_at is null and g.name = any($1) group by g.name order by g.name desc`,
    values: [grants],
  });
  return rows;
}
