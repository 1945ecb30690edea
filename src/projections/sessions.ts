import type { SessionRecord, SessionStatus } from '../application/ports.ts';
import type { Transport } from '../domain/login/events.ts';
import type { SessionRevocationReason } from '../domain/sessions/events.ts';
import type { Projection, Writes } from './projection.ts';
import type { ReadModels } from './read-models.ts';

type Sessions = {
  sessions: {
    session_id: string;
    user_id: string;
    team_id: string;
    role_id: string;
    device_id: string;
    login_id: string;
    remember: boolean;
    transport: Transport;
    idle_timeout_seconds: number;
    status: SessionStatus;
    reason: SessionRevocationReason | null;
    by_session_id: string | null;
    by_device_id: string | null;
    generation: number;
    revision: string;
    started_at: string;
    refreshed_at: string;
    expires_at: string;
    ended_at: string | null;
    revoked_at: string | null;
  };
};

interface Ended {
  readonly revision: bigint;
  readonly event: { readonly data: { readonly sessionId: string; readonly at: string } };
}

const end = (writes: Writes<Sessions>, { revision, event: { data } }: Ended, how: Partial<Sessions['sessions']>) => {
  const ended = { ended_at: data.at, revision: String(revision), ...how };
  writes.update('sessions', { session_id: data.sessionId }, ended);
};

/** Every session there ever was, and how it ended. */
export const sessions: Projection<Sessions> = {
  name: 'sessions',
  version: 3,
  keys: { sessions: ['session_id'] },
  schema: `create table sessions (
    session_id uuid primary key,
    user_id uuid not null,
    team_id uuid not null,
    role_id uuid not null,
    device_id uuid not null,
    login_id uuid not null,
    remember boolean not null,
    transport text not null,
    idle_timeout_seconds integer not null,
    status text not null,
    reason text,
    by_session_id uuid,
    by_device_id uuid,
    generation integer not null,
    revision bigint not null,
    started_at timestamptz not null,
    refreshed_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    revoked_at timestamptz)`,
  indexes: `
    create index on sessions (user_id, started_at);
    create index on sessions (session_id) where status in ('active', 'suspended');
    create index on sessions (team_id, session_id) where status in ('active', 'suspended')`,
  on: {
    SessionStarted: (writes, { revision, event: { data } }) => {
      writes.insert('sessions', {
        session_id: data.sessionId,
        user_id: data.userId,
        team_id: data.teamId,
        role_id: data.roleId,
        device_id: data.deviceId,
        login_id: data.loginId,
        remember: data.remember,
        transport: data.transport,
        idle_timeout_seconds: data.idleTimeoutSeconds,
        status: 'active',
        reason: null,
        by_session_id: null,
        by_device_id: null,
        generation: 0,
        revision: String(revision),
        started_at: data.at,
        refreshed_at: data.at,
        expires_at: data.expiresAt,
        ended_at: null,
        revoked_at: null,
      });
    },
    SessionRefreshed: (writes, { revision, event: { data } }) => {
      const refreshed = { generation: data.generation, refreshed_at: data.at, revision: String(revision) };
      writes.update('sessions', { session_id: data.sessionId }, refreshed);
    },
    SessionTeamSwitched: (writes, { revision, event: { data } }) => {
      const switched = { team_id: data.teamId, role_id: data.roleId, revision: String(revision) };
      writes.update('sessions', { session_id: data.sessionId }, switched);
    },
    SessionPolicyApplied: (writes, { revision, event: { data } }) => {
      const policy = { idle_timeout_seconds: data.idleTimeoutSeconds, revision: String(revision) };
      writes.update('sessions', { session_id: data.sessionId }, policy);
    },
    SessionSuperseded: (writes, recorded) => {
      const { bySessionId, byDeviceId } = recorded.event.data;
      end(writes, recorded, { status: 'superseded', by_session_id: bySessionId, by_device_id: byDeviceId });
    },
    SessionRevoked: (writes, recorded) => {
      const { reason, at } = recorded.event.data;
      end(writes, recorded, { status: 'revoked', reason, revoked_at: at });
    },
    SessionSuspended: (writes, { revision, event: { data } }) => {
      writes.update('sessions', { session_id: data.sessionId }, { status: 'suspended', revision: String(revision) });
    },
    SessionResumed: (writes, { revision, event: { data } }) => {
      writes.update('sessions', { session_id: data.sessionId }, { status: 'active', revision: String(revision) });
    },
    SessionExpired: (writes, recorded) => {
      end(writes, recorded, { status: `expired-${recorded.event.data.cause}` });
    },
  },
};

/** A session as the request path sees it, and what only lists show. */
export interface SessionDetails extends SessionRecord {
  readonly loginId: string;
  readonly remember: boolean;
  readonly transport: Transport;
  readonly generation: number;
  readonly refreshedAt: string;
  readonly revokedAt?: string;
  readonly reason?: SessionRevocationReason;
  readonly bySessionId?: string;
  readonly byDeviceId?: string;
}

type SessionRow = Omit<
  Sessions['sessions'],
  'started_at' | 'refreshed_at' | 'expires_at' | 'ended_at' | 'revoked_at'
> & {
  started_at: Date;
  refreshed_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  revoked_at: Date | null;
};

function detailsOf(row: SessionRow): SessionDetails {
  return {
    sessionId: row.session_id,
    userId: row.user_id,
    teamId: row.team_id,
    roleId: row.role_id,
    deviceId: row.device_id,
    loginId: row.login_id,
    remember: row.remember,
    transport: row.transport,
    status: row.status,
    generation: row.generation,
    revision: BigInt(row.revision),
    startedAt: row.started_at.toISOString(),
    refreshedAt: row.refreshed_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    idleTimeoutSeconds: row.idle_timeout_seconds,
    ...endOf(row),
  };
}

const endOf = (row: SessionRow) => ({
  ...(row.ended_at && { endedAt: row.ended_at.toISOString() }),
  ...(row.revoked_at && { revokedAt: row.revoked_at.toISOString() }),
  ...(row.reason && { reason: row.reason }),
  ...(row.by_session_id && { bySessionId: row.by_session_id }),
  ...(row.by_device_id && { byDeviceId: row.by_device_id }),
});

export async function sessionById(pool: ReadModels, sessionId: string): Promise<SessionDetails | undefined> {
  const { rows } = await pool.query<SessionRow>({
    name: 'session-by-id',
    text: 'select * from read_model.sessions where session_id = $1',
    values: [sessionId],
  });
  return rows[0] && detailsOf(rows[0]);
}

/** Newest first; those that are held back too, for they have not ended. */
export async function activeSessionsOf(pool: ReadModels, userId: string): Promise<SessionDetails[]> {
  const { rows } = await pool.query<SessionRow>({
    name: 'active-sessions-of-user',
    text: `select * from read_model.sessions where user_id = $1 and status in ('active', 'suspended')
           order by started_at desc, session_id desc`,
    values: [userId],
  });
  return rows.map(detailsOf);
}

/**
 * Sessions that have not ended and may have come to their end by `now`: past their expiry, or neither started nor refreshed within
 * their idle timeout. By session id, after `after`.
 */
export async function sessionsToCheck(
  pool: ReadModels,
  now: Date,
  limit: number,
  after?: string,
): Promise<SessionDetails[]> {
  const { rows } = await pool.query<SessionRow>({
    name: 'sessions-to-check',
    text: `select * from read_model.sessions
           where status in ('active', 'suspended') and ($3::uuid is null or session_id > $3)
             and least(expires_at, refreshed_at + make_interval(secs => idle_timeout_seconds)) <= $1
           order by session_id limit $2`,
    values: [now, limit, after ?? null],
  });
  return rows.map(detailsOf);
}

/** Those that have not ended, by session id, after `after`. */
export async function sessionsInTeam(
  pool: ReadModels,
  teamId: string,
  limit: number,
  after?: string,
): Promise<SessionDetails[]> {
  const { rows } = await pool.query<SessionRow>({
    name: 'sessions-in-team',
    text: `select * from read_model.sessions
           where team_id = $1 and status in ('active', 'suspended') and ($3::uuid is null or session_id > $3)
           order by session_id limit $2`,
    values: [teamId, limit, after ?? null],
  });
  return rows.map(detailsOf);
}

/** Also those that ended; newest first. */
export async function sessionsOf(pool: ReadModels, userId: string, limit: number): Promise<SessionDetails[]> {
  const { rows } = await pool.query<SessionRow>({
    name: 'sessions-of-user',
    text: `select * from read_model.sessions where user_id = $1 order by started_at desc, session_id desc limit $2`,
    values: [userId, limit],
  });
  return rows.map(detailsOf);
}
