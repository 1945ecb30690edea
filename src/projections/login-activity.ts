import type { Client, Recorded } from '../application/ports.ts';
import { pageOf, positionOf, type Page, type PageRequest } from './cursor.ts';
import type { Projection, Writes } from './projection.ts';
import { openRow, sealedColumns, sealedColumnsOf, type Readers, type SealedColumns } from './sealed.ts';

export type LoginOutcome =
  | 'started'
  | 'flagged'
  | 'approved-by-user'
  | 'device-code-sent'
  | 'device-approved'
  | 'completed'
  | 'denied'
  | 'failed';

type Logins = {
  login_activity: SealedColumns & {
    login_id: string;
    user_id: string | null;
    email_hash: string | null;
    device_id: string | null;
    device_trusted: boolean | null;
    outcome: LoginOutcome;
    reason: string | null;
    team_id: string | null;
    session_id: string | null;
    started_at: string;
    ended_at: string | null;
    position: string;
  };
};

const attempt = (recorded: Recorded, known: Partial<Logins['login_activity']> & { login_id: string }) => ({
  user_id: null,
  email_hash: null,
  device_id: null,
  device_trusted: null,
  outcome: 'started' as const,
  reason: null,
  team_id: null,
  session_id: null,
  started_at: recorded.event.data.at,
  ended_at: null,
  position: String(recorded.position),
  ...known,
  ...sealedColumnsOf(recorded),
});

const goOn = (writes: Writes<Logins>, loginId: string, changes: Partial<Logins['login_activity']>) => {
  writes.update('login_activity', { login_id: loginId }, changes);
};

/** One row for each attempt to log in, whatever became of it. */
export const loginActivity: Projection<Logins> = {
  name: 'login_activity',
  version: 2,
  keys: { login_activity: ['login_id'] },
  schema: `create table login_activity (
    login_id uuid primary key,
    user_id uuid,
    email_hash text,
    device_id uuid,
    device_trusted boolean,
    outcome text not null,
    reason text,
    team_id uuid,
    session_id uuid,
    started_at timestamptz not null,
    ended_at timestamptz,
    position bigint not null,
    event_id uuid not null,
    ${sealedColumns})`,
  indexes: 'create index on login_activity (user_id, position) where user_id is not null',
  on: {
    LoginStarted: (writes, recorded) => {
      const { loginId, userId, deviceId, deviceTrusted } = recorded.event.data;
      const known = { login_id: loginId, user_id: userId, device_id: deviceId, device_trusted: deviceTrusted };
      writes.insert('login_activity', attempt(recorded, known));
    },
    LoginFailed: (writes, recorded) => {
      const { loginId, userId, reason, at } = recorded.event.data;
      const known = { login_id: loginId, user_id: userId, outcome: 'failed' as const, reason, ended_at: at };
      writes.insert('login_activity', attempt(recorded, known));
    },
    DeviceLoginFailed: (writes, recorded) => {
      const { loginId, userId, deviceId, reason, at } = recorded.event.data;
      const known = { login_id: loginId, user_id: userId, device_id: deviceId, device_trusted: true, reason };
      writes.insert('login_activity', attempt(recorded, { ...known, outcome: 'failed', ended_at: at }));
    },
    UnknownLoginFailed: (writes, recorded) => {
      const { loginId, emailHash, at } = recorded.event.data;
      const known = { login_id: loginId, email_hash: emailHash, reason: 'unknown-address', ended_at: at };
      writes.insert('login_activity', attempt(recorded, { ...known, outcome: 'failed' }));
    },
    DeviceCodeRequested: (writes, { event: { data } }) => {
      goOn(writes, data.loginId, { outcome: 'device-code-sent' });
    },
    LoginDeviceApproved: (writes, { event: { data } }) => {
      goOn(writes, data.loginId, { outcome: 'device-approved' });
    },
    LoginFlagged: (writes, { event: { data } }) => {
      goOn(writes, data.loginId, { outcome: 'flagged', reason: data.signals.join(', ') });
    },
    LoginApprovedByUser: (writes, { event: { data } }) => {
      goOn(writes, data.loginId, { outcome: 'approved-by-user' });
    },
    LoginDenied: (writes, { event: { data } }) => {
      goOn(writes, data.loginId, { outcome: 'denied', reason: data.reason, ended_at: data.at });
    },
    LoginCompleted: (writes, { event: { data } }) => {
      const { loginId, teamId, sessionId, at } = data;
      goOn(writes, loginId, { outcome: 'completed', team_id: teamId, session_id: sessionId, ended_at: at });
    },
  },
};

export interface LoginAttempt {
  readonly loginId: string;
  readonly outcome: LoginOutcome;
  readonly reason: string | null;
  readonly deviceId: string | null;
  readonly deviceTrusted: boolean | null;
  readonly teamId: string | null;
  readonly sessionId: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** `null` once the person is erased. */
  readonly client: Client | null;
}

interface LoginRow extends SealedColumns {
  login_id: string;
  outcome: LoginOutcome;
  reason: string | null;
  device_id: string | null;
  device_trusted: boolean | null;
  team_id: string | null;
  session_id: string | null;
  started_at: Date;
  ended_at: Date | null;
  position: string;
}

/** A person's attempts, newest first. Throws `InvalidCursor`. */
export async function loginActivityOf(
  readers: Readers,
  userId: string,
  { cursor, limit }: PageRequest,
): Promise<Page<LoginAttempt>> {
  const { rows } = await readers.pool.query<LoginRow>({
    name: 'login-activity-of-user',
    text: `select * from read_model.login_activity
           where user_id = $1 and ($2::bigint is null or position < $2) order by position desc limit $3`,
    values: [userId, positionOf(cursor) ?? null, limit + 1],
  });
  const items = await Promise.all(rows.slice(0, limit).map((row) => attemptOf(readers, row)));
  return pageOf(rows, limit, items);
}

const attemptOf = async (readers: Readers, row: LoginRow): Promise<LoginAttempt> => ({
  loginId: row.login_id,
  outcome: row.outcome,
  reason: row.reason,
  deviceId: row.device_id,
  deviceTrusted: row.device_trusted,
  teamId: row.team_id,
  sessionId: row.session_id,
  startedAt: row.started_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
  client: (await openRow(readers, { ...row, sealed_data: null })).client,
});
