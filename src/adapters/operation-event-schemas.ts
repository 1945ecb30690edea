import { z } from 'zod';
import type { AlertEvent } from '../domain/alert/events.ts';
import type { EmailEvent } from '../domain/email/events.ts';
import type { EventOf } from '../domain/events.ts';
import type { MailSendingEvent } from '../domain/mail-sending/events.ts';
import type { VirtuozzoEvent } from '../domain/virtuozzo/events.ts';
import { emailTemplate } from './email-template-schema.ts';

const id = z.string().min(1);
const time = z.iso.datetime();
const mail = { messageId: id, userId: id.nullable(), template: emailTemplate, at: time };
const cause = z.strictObject({ stream: id, revision: z.string().regex(/^\d{1,19}$/), eventId: id });
const alertName = z.enum([
  'failed-logins-per-ip',
  'suspicious-logins',
  'session-errors',
  'email-failures',
  'mail-sending-paused',
  'audit-mismatch',
]);
const link = { teamId: id, linkId: id, at: time };

type DeliveryEvent = Extract<
  EmailEvent,
  { type: 'EmailParked' | 'EmailRetryRequested' | 'EmailBounced' | 'EmailComplained' }
>;
type OperationEvent = AlertEvent | DeliveryEvent | MailSendingEvent | VirtuozzoEvent;

/** The data of what the service does and notices while it runs. */
export const operationSchemas = {
  EmailParked: z.strictObject({ ...mail, cause }),
  EmailRetryRequested: z.strictObject({ ...mail, cause }),
  EmailBounced: z.strictObject({ ...mail, bounceId: id, kind: z.enum(['hard', 'soft']) }),
  EmailComplained: z.strictObject({ ...mail, complaintId: id }),
  MailSendingPaused: z.strictObject({ reason: z.enum(['token-refused', 'account']), at: time }),
  MailSendingResumed: z.strictObject({ pausedAt: time, at: time }),

  AlertRaised: z.strictObject({
    name: alertName,
    level: z.enum(['warning', 'critical']),
    value: z.number(),
    threshold: z.number(),
    samples: z.int().nonnegative(),
    at: time,
  }),
  AlertCleared: z.strictObject({ name: alertName, value: z.number(), raisedAt: time, at: time }),

  VirtuozzoLinked: z.strictObject({
    ...link,
    replaces: id.nullable(),
    userId: id,
    method: z.enum(['password', 'token']),
    login: z.string().nullable(),
    renewable: z.boolean(),
  }),
  VirtuozzoSessionRefreshed: z.strictObject(link),
  VirtuozzoOutageBegan: z.strictObject(link),
  VirtuozzoOutageEnded: z.strictObject({ ...link, beganAt: time }),
  VirtuozzoRefreshFailed: z.strictObject({ ...link, reason: z.enum(['token-refused', 'not-renewable']) }),
  VirtuozzoUnlinked: z.strictObject({ ...link, reason: z.enum(['by-owner', 'team-closed']) }),
} satisfies { readonly [Type in OperationEvent['type']]: z.ZodType<EventOf<Type>['data']> };
