import { installationName } from '../domain/invitation/events.ts';
import { pageOf, positionOf, type Page, type PageRequest } from './cursor.ts';
import type { Projection } from './projection.ts';
import type { ReadModels } from './read-models.ts';
import { openRow, sealedColumns, sealedColumnsOf, type Readers, type SealedColumns } from './sealed.ts';
import { userNames } from './users.ts';

type StoredStatus = 'open' | 'accepted' | 'failed' | 'revoked';
export type InvitationStatus = StoredStatus | 'expired';

type Invitations = {
  invitations: SealedColumns & {
    invitation_id: string;
    team_id: string;
    role_id: string;
    email_hash: string;
    status: StoredStatus;
    /** `null`: the installation itself. */
    invited_by: string | null;
    issued_at: string;
    expires_at: string;
    ended_at: string | null;
    accepted_by: string | null;
    position: string;
  };
};

/** The newest invitation of each address to each team. */
export const invitations: Projection<Invitations> = {
  name: 'invitations',
  version: 2,
  keys: { invitations: ['invitation_id'] },
  schema: `create table invitations (
    invitation_id uuid primary key,
    team_id uuid not null,
    role_id uuid not null,
    email_hash text not null,
    status text not null,
    invited_by uuid,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    accepted_by uuid,
    position bigint not null,
    event_id uuid not null,
    ${sealedColumns})`,
  indexes: `
    create index on invitations (team_id, position);
    create index on invitations (email_hash)`,
  on: {
    InvitationIssued: (writes, recorded) => {
      const { invitationId, teamId, roleId, emailHash, invitedBy, expiresAt, at } = recorded.event.data;
      writes.insert('invitations', {
        invitation_id: invitationId,
        team_id: teamId,
        role_id: roleId,
        email_hash: emailHash,
        status: 'open',
        invited_by: invitedBy,
        issued_at: at,
        expires_at: expiresAt,
        ended_at: null,
        accepted_by: null,
        position: String(recorded.position),
        ...sealedColumnsOf(recorded),
      });
    },
    InvitationRevoked: (writes, { event: { data } }) => {
      writes.update('invitations', { invitation_id: data.invitationId }, { status: 'revoked', ended_at: data.at });
    },
    InvitationAccepted: (writes, { event: { data } }) => {
      const accepted = { status: 'accepted', ended_at: data.at, accepted_by: data.userId } as const;
      writes.update('invitations', { invitation_id: data.invitationId }, accepted);
    },
    InvitationAcceptanceFailed: (writes, { event: { data } }) => {
      writes.update('invitations', { invitation_id: data.invitationId }, { status: 'failed' });
    },
  },
};

export interface InvitationOfTeam {
  readonly invitationId: string;
  /** `null` once the person is erased. */
  readonly email: string | null;
  readonly roleId: string;
  /** `null` for a role that is not there any more. */
  readonly roleName: string | null;
  readonly status: InvitationStatus;
  /** Without a user id: the installation itself. */
  readonly invitedBy: { readonly userId: string | null; readonly name: string | null };
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly endedAt: string | null;
}

interface InvitationRow extends SealedColumns {
  invitation_id: string;
  role_id: string;
  role_name: string | null;
  status: StoredStatus;
  invited_by: string | null;
  issued_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  position: string;
}

/** Newest first. Throws `InvalidCursor`. */
export async function invitationsOf(
  readers: Readers,
  teamId: string,
  { cursor, limit }: PageRequest,
  now: Date,
): Promise<Page<InvitationOfTeam>> {
  const { rows } = await readers.pool.query<InvitationRow>({
    name: 'invitations-of-team',
    text: `select i.*, r.name as role_name from read_model.invitations i
           left join read_model.roles r on r.team_id = i.team_id and r.role_id = i.role_id and r.retired_at is null
           where i.team_id = $1 and ($2::bigint is null or i.position < $2) order by i.position desc limit $3`,
    values: [teamId, positionOf(cursor) ?? null, limit + 1],
  });
  const names = await userNames(readers, [...new Set(rows.flatMap((row) => row.invited_by ?? []))]);
  const items = await Promise.all(rows.slice(0, limit).map((row) => invitationOf(readers, row, names, now)));
  return pageOf(rows, limit, items);
}

async function invitationOf(
  readers: Readers,
  row: InvitationRow,
  names: ReadonlyMap<string, string>,
  now: Date,
): Promise<InvitationOfTeam> {
  const { data } = await openRow(readers, { ...row, sealed_client: null });
  const email = data?.['email'];
  return {
    invitationId: row.invitation_id,
    email: typeof email === 'string' ? email : null,
    roleId: row.role_id,
    roleName: row.role_name,
    status: row.status === 'open' && row.expires_at <= now ? 'expired' : row.status,
    invitedBy: inviterOf(row.invited_by, names),
    issuedAt: row.issued_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}

const inviterOf = (userId: string | null, names: ReadonlyMap<string, string>): InvitationOfTeam['invitedBy'] =>
  userId === null ? { userId, name: installationName } : { userId, name: names.get(userId) ?? null };

/** Ids of the invitations that ever went to an address. */
export async function invitationsTo(pool: ReadModels, emailHash: string): Promise<string[]> {
  const { rows } = await pool.query<{ invitation_id: string }>({
    name: 'invitations-to-address',
    text: 'select invitation_id from read_model.invitations where email_hash = $1 order by invitation_id',
    values: [emailHash],
  });
  return rows.map((row) => row.invitation_id);
}
