import { markIn, pageOf, type Page, type PageRequest } from './cursor.ts';
import type { Readers } from './sealed.ts';
import { userProfiles } from './users.ts';

export interface MemberOfTeam {
  readonly userId: string;
  /** `null` once the person is erased. */
  readonly name: string | null;
  readonly email: string | null;
  readonly roleId: string;
  readonly roleName: string;
  readonly joinedAt: string;
}

interface MemberRow {
  user_id: string;
  role_id: string;
  role_name: string;
  joined_at: Date;
  /** The time of joining in microseconds, and the person: several may have joined at once. */
  position: string;
}

const mark = /^\d{1,18}\.[\da-f-]{36}$/;

/** Of an open team, in the order of joining. Throws `InvalidCursor`. */
export async function membersOf(
  readers: Readers,
  teamId: string,
  { cursor, limit }: PageRequest,
): Promise<Page<MemberOfTeam>> {
  const [joinedAt, userId] = markIn(cursor, mark)?.split('.') ?? [];
  const { rows } = await readers.pool.query<MemberRow>({
    name: 'members-of-team',
    text: `select m.user_id, m.role_id, r.name as role_name, m.joined_at,
             ${microseconds('m.joined_at')} || '.' || m.user_id as position
           from read_model.memberships m
           join read_model.teams t on t.team_id = m.team_id and t.closed_at is null
           join read_model.roles r on r.team_id = m.team_id and r.role_id = m.role_id
           where m.team_id = $1 and m.left_at is null
             and ($2::bigint is null or (${microseconds('m.joined_at')}, m.user_id) > ($2::bigint, $3::uuid))
           order by m.joined_at, m.user_id limit $4`,
    values: [teamId, joinedAt ?? null, userId ?? null, limit + 1],
  });
  const shown = rows.slice(0, limit);
  const people = await userProfiles(
    readers,
    shown.map((row) => row.user_id),
  );
  const items = shown.map((row) => ({
    userId: row.user_id,
    name: people.get(row.user_id)?.name ?? null,
    email: people.get(row.user_id)?.email ?? null,
    roleId: row.role_id,
    roleName: row.role_name,
    joinedAt: row.joined_at.toISOString(),
  }));
  return pageOf(rows, limit, items);
}

const microseconds = (column: string) => `(extract(epoch from ${column}) * 1000000)::bigint`;
