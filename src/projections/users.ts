import type { Projection } from './projection.ts';
import type { ReadModels } from './read-models.ts';
import { openRow, sealedColumns, sealedColumnsOf, type Readers, type SealedColumns } from './sealed.ts';

export type UserStatus = 'submitted' | 'invited' | 'pending' | 'active' | 'refused' | 'lapsed';

type Users = {
  users: SealedColumns & {
    user_id: string;
    status: UserStatus;
    email_hash: string;
    registered_at: string;
    verified_at: string | null;
    locked_until: string | null;
  };
};

const setStatus = (status: UserStatus) => ({ status });

/** Who has registered, and how far they have come. */
export const users: Projection<Users> = {
  name: 'users',
  version: 2,
  keys: { users: ['user_id'] },
  schema: `create table users (
    user_id uuid primary key,
    status text not null,
    email_hash text not null,
    registered_at timestamptz not null,
    verified_at timestamptz,
    locked_until timestamptz,
    event_id uuid not null,
    ${sealedColumns})`,
  indexes: `
    create index on users (email_hash);
    create index on users (registered_at, user_id) where status in ('submitted', 'pending')`,
  on: {
    RegistrationSubmitted: (writes, recorded) => {
      const { userId, emailHash, at } = recorded.event.data;
      writes.insert('users', {
        user_id: userId,
        status: 'submitted',
        email_hash: emailHash,
        registered_at: at,
        verified_at: null,
        locked_until: null,
        ...sealedColumnsOf(recorded),
      });
    },
    InvitedRegistrationSubmitted: (writes, recorded) => {
      const { userId, emailHash, at } = recorded.event.data;
      writes.insert('users', {
        user_id: userId,
        status: 'invited',
        email_hash: emailHash,
        registered_at: at,
        verified_at: null,
        locked_until: null,
        ...sealedColumnsOf(recorded),
      });
    },
    InvitedUserRegistered: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, { status: 'active', verified_at: data.at });
    },
    InvitedRegistrationRefused: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, setStatus('refused'));
    },
    UserRegistered: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, setStatus('pending'));
    },
    RegistrationRefused: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, setStatus('refused'));
    },
    EmailVerified: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, { status: 'active', verified_at: data.at });
    },
    RegistrationLapsed: (writes, { event: { data } }) => {
      const forgotten = { sealed_subject: null, sealed_data: null, sealed_client: null };
      writes.update('users', { user_id: data.userId }, { status: 'lapsed', ...forgotten });
    },
    AccountLocked: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, { locked_until: data.until });
    },
    PasswordChanged: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, { locked_until: null });
    },
    LoginFailuresCleared: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, { locked_until: null });
    },
  },
};

export interface UserProfile {
  readonly userId: string;
  readonly status: UserStatus;
  /** `null` once the person is erased. */
  readonly name: string | null;
  readonly email: string | null;
  readonly registeredAt: string;
  readonly verifiedAt: string | null;
  readonly lockedUntil: string | null;
}

interface UserRow extends SealedColumns {
  user_id: string;
  status: UserStatus;
  registered_at: Date;
  verified_at: Date | null;
  locked_until: Date | null;
}

const profileColumns = `user_id, status, registered_at, verified_at, locked_until, event_id, sealed_subject, sealed_data,
  null as sealed_client`;

export async function userProfile(readers: Readers, userId: string): Promise<UserProfile | undefined> {
  const { rows } = await readers.pool.query<UserRow>({
    name: 'user-profile',
    text: `select ${profileColumns} from read_model.users where user_id = $1`,
    values: [userId],
  });
  return rows[0] && profileOf(readers, rows[0]);
}

async function profileOf(readers: Readers, row: UserRow): Promise<UserProfile> {
  const { data } = await openRow(readers, row);
  return {
    userId: row.user_id,
    status: row.status,
    name: textOf(data?.['name']),
    email: textOf(data?.['email']),
    registeredAt: row.registered_at.toISOString(),
    verifiedAt: row.verified_at?.toISOString() ?? null,
    lockedUntil: row.locked_until?.toISOString() ?? null,
  };
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null);

/** The names of those among these people who have one still. */
export async function userNames(readers: Readers, userIds: readonly string[]): Promise<Map<string, string>> {
  if (userIds.length === 0) return new Map();
  const { rows } = await readers.pool.query<UserRow>({
    name: 'user-names',
    text: `select ${profileColumns} from read_model.users where user_id = any($1)`,
    values: [userIds],
  });
  const profiles = await Promise.all(rows.map((row) => profileOf(readers, row)));
  return new Map(profiles.flatMap(({ userId, name }) => (name === null ? [] : [[userId, name] as const])));
}

export interface LapsedRegistration {
  readonly userId: string;
  readonly emailHash: string;
  readonly registeredAt: string;
}

/** Registrations from before `before` whose address was never verified, oldest first. */
export async function lapsedRegistrations(
  pool: ReadModels,
  before: Date,
  limit: number,
): Promise<LapsedRegistration[]> {
  const { rows } = await pool.query<{ user_id: string; email_hash: string; registered_at: Date }>({
    name: 'lapsed-registrations',
    text: `select user_id, email_hash, registered_at from read_model.users
           where status in ('submitted', 'pending') and registered_at < $1
           order by registered_at, user_id limit $2`,
    values: [before, limit],
  });
  return rows.map((row) => ({
    userId: row.user_id,
    emailHash: row.email_hash,
    registeredAt: row.registered_at.toISOString(),
  }));
}
