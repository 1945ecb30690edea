import type { Recorded } from '../application/ports.ts';
import type { EventOf } from '../domain/events.ts';
import type { EmailBounceKind, EmailDropReason, EmailRejection, EmailTemplate } from '../domain/email/events.ts';
import { pageOf, positionOf, type Page, type PageRequest } from './cursor.ts';
import type { Projection } from './projection.ts';
import type { ReadModels } from './read-models.ts';

/**
 * `dropped`: it never left, and there is no need for it any more. `parked`: tried for a day in vain. `bounced` and
 * `complained` come after `sent`, from the recipient's side.
 */
export type EmailStatus = 'sending' | 'sent' | 'rejected' | 'dropped' | 'parked' | 'bounced' | 'complained';
type Reason = EmailRejection | EmailDropReason | EmailBounceKind;

type Deliveries = {
  email_deliveries: {
    message_id: string;
    user_id: string | null;
    template: EmailTemplate;
    status: EmailStatus;
    attempts: number;
    reason: Reason | null;
    provider_message_id: string | null;
    first_attempt_at: string;
    last_attempt_at: string;
    ended_at: string | null;
    position: string;
  };
};

type Known = Pick<Deliveries['email_deliveries'], 'status' | 'attempts'> & Partial<Deliveries['email_deliveries']>;

const mail = (
  { position, event: { data } }: Recorded<EventOf<'EmailSendStarted' | 'EmailRejected' | 'EmailParked'>>,
  known: Known,
) => ({
  message_id: data.messageId,
  user_id: data.userId,
  template: data.template,
  reason: null,
  provider_message_id: null,
  first_attempt_at: data.at,
  last_attempt_at: data.at,
  ended_at: null,
  position: String(position),
  ...known,
});

/** What became of each mail. */
export const emailDeliveries: Projection<Deliveries> = {
  name: 'email_deliveries',
  version: 4,
  keys: { email_deliveries: ['message_id'] },
  keep: { email_deliveries: ['attempts', 'first_attempt_at', 'last_attempt_at', 'position'] },
  schema: `create table email_deliveries (
    message_id uuid primary key,
    user_id uuid,
    template text not null,
    status text not null,
    attempts integer not null,
    reason text,
    provider_message_id text,
    first_attempt_at timestamptz not null,
    last_attempt_at timestamptz not null,
    ended_at timestamptz,
    position bigint not null)`,
  indexes: `
    create index on email_deliveries (position);
    create index on email_deliveries (status, position)`,
  on: {
    EmailSendStarted: (writes, recorded) => {
      const { messageId, attempt, at } = recorded.event.data;
      writes.insert('email_deliveries', mail(recorded, { status: 'sending', attempts: attempt }));
      writes.update('email_deliveries', { message_id: messageId }, { attempts: attempt, last_attempt_at: at });
    },
    EmailSent: (writes, { event: { data } }) => {
      const sent = { status: 'sent', provider_message_id: data.providerMessageId, ended_at: data.at } as const;
      writes.update('email_deliveries', { message_id: data.messageId }, sent);
    },
    EmailRejected: (writes, recorded) => {
      // It may be the first that is heard of a mail, when the person was erased before sending began.
      const { reason, at } = recorded.event.data;
      writes.insert('email_deliveries', mail(recorded, { status: 'rejected', attempts: 0, reason, ended_at: at }));
    },
    EmailDropped: (writes, { event: { data } }) => {
      const dropped = { status: 'dropped', reason: data.reason, ended_at: data.at } as const;
      writes.update('email_deliveries', { message_id: data.messageId }, dropped);
    },
    EmailParked: (writes, recorded) => {
      // It may be the first that is heard of a mail, when none could be begun.
      const { at } = recorded.event.data;
      writes.insert('email_deliveries', mail(recorded, { status: 'parked', attempts: 0, ended_at: at }));
    },
    EmailRetryRequested: (writes, { event: { data } }) => {
      writes.update('email_deliveries', { message_id: data.messageId }, { status: 'sending', ended_at: null });
    },
    EmailBounced: (writes, { event: { data } }) => {
      const bounced = { status: 'bounced', reason: data.kind } as const;
      writes.update('email_deliveries', { message_id: data.messageId }, bounced);
    },
    EmailComplained: (writes, { event: { data } }) => {
      writes.update('email_deliveries', { message_id: data.messageId }, { status: 'complained' });
    },
  },
};

export interface EmailDelivery {
  readonly messageId: string;
  /** `null` for an address that was invited. */
  readonly userId: string | null;
  readonly template: EmailTemplate;
  readonly status: EmailStatus;
  readonly attempts: number;
  readonly reason: Reason | null;
  readonly providerMessageId: string | null;
  readonly firstAttemptAt: string;
  readonly lastAttemptAt: string;
  readonly endedAt: string | null;
  /** From the first attempt to the end, in milliseconds. */
  readonly latencyMs: number | null;
}

interface DeliveryRow {
  message_id: string;
  user_id: string | null;
  template: EmailTemplate;
  status: EmailStatus;
  attempts: number;
  reason: Reason | null;
  provider_message_id: string | null;
  first_attempt_at: Date;
  last_attempt_at: Date;
  ended_at: Date | null;
  position: string;
}

/** Newest first. Throws `InvalidCursor`. */
export async function emailDeliveriesPage(
  pool: ReadModels,
  { status }: { readonly status?: EmailStatus | undefined },
  { cursor, limit }: PageRequest,
): Promise<Page<EmailDelivery>> {
  const { rows } = await pool.query<DeliveryRow>(
    `select * from read_model.email_deliveries
     where ($1::bigint is null or position < $1) ${status ? 'and status = $3' : ''} order by position desc limit $2`,
    [positionOf(cursor) ?? null, limit + 1, ...(status ? [status] : [])],
  );
  return pageOf(rows, limit, rows.map(deliveryOf));
}

const deliveryOf = (row: DeliveryRow): EmailDelivery => ({
  messageId: row.message_id,
  userId: row.user_id,
  template: row.template,
  status: row.status,
  attempts: row.attempts,
  reason: row.reason,
  providerMessageId: row.provider_message_id,
  firstAttemptAt: row.first_attempt_at.toISOString(),
  lastAttemptAt: row.last_attempt_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
  latencyMs: row.ended_at && row.ended_at.getTime() - row.first_attempt_at.getTime(),
});
