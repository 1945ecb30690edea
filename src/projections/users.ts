import type { Projection } from './projection.ts';
import type { ReadModels } from './read-models.ts';
import { openRow, sealedColumns, sealedColumnsOf, type Readers, type SealedColumns } from './sealed.ts';

export type UserStatus = 'submitted' | 'invited' | 'pending' | 'active' | 'refused' | 'lapsed' | 'erased';

type Users = {
  users: SealedColumns & {
    user_id: string;
    status: UserStatus;
    /** `null` once the person is erased. */
    email_hash: string | null;
    registered_at: string;
    verified_at: string | null;
    locked_until: string | null;
    /** By an administrator. */
    locked_at: string | null;
    deactivated_at: string | null;
    /** Of the registration. */
    position: string;
    erased_at: string | null;
    receipt_id: string | null;
  };
};

const forgotten = { sealed_subject: null, sealed_data: null, sealed_client: null };
const unblemished = { locked_until: null, locked_at: null, deactivated_at: null, erased_at: null, receipt_id: null };
const setStatus = (status: UserStatus) => ({ status });

/** Who has registered, and how far they have come. */
export const users: Projection<Users> = {
  name: 'users',
  version: 3,
  keys: { users: ['user_id'] },
  schema: `create table users (
    user_id uuid primary key,
    status text not null,
    email_hash text,
    registered_at timestamptz not null,
    verified_at timestamptz,
    locked_until timestamptz,
    locked_at timestamptz,
    deactivated_at timestamptz,
    position bigint not null,
    erased_at timestamptz,
    receipt_id uuid,
    event_id uuid not null,
    ${sealedColumns})`,
  indexes: `
    create index on users (email_hash);
    create index on users (position);
    create index on users (registered_at, user_id) where status in ('submitted', 'pending');
    create index on users (user_id) where status = 'erased'`,
  on: {
    RegistrationSubmitted: (writes, recorded) => {
      const { userId, emailHash, at } = recorded.event.data;
      writes.insert('users', {
        user_id: userId,
        status: 'submitted',
        email_hash: emailHash,
        registered_at: at,
        verified_at: null,
        ...unblemished,
        position: String(recorded.position),
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
        ...unblemished,
        position: String(recorded.position),
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
      writes.update('users', { user_id: data.userId }, { status: 'lapsed', ...forgotten });
    },
    UserErased: (writes, { event: { data } }) => {
      const { userId, receiptId, at } = data;
      const erased = { status: 'erased', erased_at: at, receipt_id: receiptId, email_hash: null } as const;
      writes.update('users', { user_id: userId }, { ...erased, locked_until: null, ...forgotten });
    },
    UserLocked: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, { locked_at: data.at });
    },
    UserUnlocked: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, { locked_at: null, locked_until: null });
    },
    UserDeactivated: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, { deactivated_at: data.at });
    },
    UserReactivated: (writes, { event: { data } }) => {
      writes.update('users', { user_id: data.userId }, { deactivated_at: null });
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
  /** By too many failures, on devices that the person does not trust. */
  readonly lockedUntil: string | null;
  /** By an administrator. */
  readonly lockedAt: string | null;
  readonly deactivatedAt: string | null;
}

export interface UserRow extends SealedColumns {
  user_id: string;
  status: UserStatus;
  registered_at: Date;
  verified_at: Date | null;
  locked_until: Date | null;
  locked_at: Date | null;
  deactivated_at: Date | null;
}

export const profileColumns = `user_id, status, registered_at, verified_at, locked_until, locked_at, deactivated_at, event_id, sealed_subject, sealed_data,
  null as sealed_client`;

export async function userProfile(readers: Readers, userId: string): Promise<UserProfile | undefined> {
  const { rows } = await readers.pool.query<UserRow>({
    name: 'user-profile',
    text: `select ${profileColumns} from read_model.users where user_id = $1`,
    values: [userId],
  });
  return rows[0] && profileOf(readers, rows[0]);
}

export async function profileOf(readers: Readers, row: UserRow): Promise<UserProfile> {
  const { data } = await openRow(readers, row);
  return {
    userId: row.user_id,
    status: row.status,
    name: textOf(data?.['name']),
    email: textOf(data?.['email']),
    registeredAt: row.registered_at.toISOString(),
    verifiedAt: timeOf(row.verified_at),
    lockedUntil: timeOf(row.locked_until),
    lockedAt: timeOf(row.locked_at),
    deactivatedAt: timeOf(row.deactivated_at),
  };
}

const timeOf = (time: Date | null): string | null => time?.toISOString() ?? null;
const textOf = (value: unknown) => (typeof value === 'string' ? value : null);

/** The names of those among these people who have one still. */
export async function userNames(readers: Readers, userIds: readonly string[]): Promise<Map<string, string>> {
  const profiles = await userProfiles(readers, userIds);
  return new Map([...profiles].flatMap(([userId, { name }]) => (name === null ? [] : [[userId, name] as const])));
}

export async function userProfiles(readers: Readers, userIds: readonly string[]): Promise<Map<string, UserProfile>> {
  if (userIds.length === 0) return new Map();
  const { rows } = await readers.pool.query<UserRow>({
    name: 'user-profiles',
    text: `select ${profileColumns} from read_model.users where user_id = any($1)`,
    values: [userIds],
  });
  const profiles = await Promise.all(rows.map((row) => profileOf(readers, row)));
  return new Map(profiles.map((profile) => [profile.userId, profile]));
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
