import type { RoleKind } from '../domain/team/events.ts';
import type { ReadModels } from './read-models.ts';

interface MemberRow {
  readonly name: string;
  readonly role_id: string;
  readonly role: string;
  readonly kind: RoleKind;
  readonly grants: readonly string[];
  readonly platform: boolean;
  readonly idle_timeout_seconds: number | null;
}

/** What a member may do in an open team, as the read model has it. */
export async function memberAccess(pool: ReadModels, teamId: string, userId: string) {
  const { rows } = await pool.query<MemberRow>({
    name: 'member-access',
    text: `select t.name, m.role_id, r.name as role, r.kind, r.grants, t.platform, t.idle_timeout_seconds
             from read_model.memberships m
             join read_model.teams t on t.team_id = m.team_id and t.closed_at is null
             join read_model.roles r on r.team_id = m.team_id and r.role_id = m.role_id
            where m.team_id = $1 and m.user_id = $2 and m.left_at is null`,
    values: [teamId, userId],
  });
  const [row] = rows;
  return (
    row && {
      team: { teamId, name: row.name },
      role: { roleId: row.role_id, name: row.role, kind: row.kind },
      grants: row.grants,
      platform: row.platform,
      idleTimeoutSeconds: row.idle_timeout_seconds,
    }
  );
}
