import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Operation';
const status = z.enum(['sending', 'sent', 'rejected', 'dropped', 'parked', 'bounced', 'complained']);

const delivery = z.strictObject({
  messageId: input.id,
  template: z.string(),
  status,
  recipient: z.strictObject({
    userId: input.id.nullable(),
    email: z.string().nullable().describe('Masked; `null` for an address without an account and for the erased'),
  }),
  attempts: z.int(),
  reason: z.string().nullable(),
  providerMessageId: z.string().nullable(),
  firstAttemptAt: input.time,
  lastAttemptAt: input.time,
  endedAt: input.time.nullable(),
  latencyMs: z.int().nullable().describe('From the first attempt to the end'),
});

type Deps = Pick<ApiDependencies, 'useCases' | 'queries'>;

/** For operators, in the platform team. */
export const emailDeliveryEndpoints = (deps: Deps): Endpoint[] => [list(deps), retry(deps)];

const list = ({ useCases, queries }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/email-deliveries',
    tag,
    summary: 'What became of each mail, the newest first',
    auth: 'session',
    params: nothing,
    query: z.strictObject({ status: status.optional(), cursor: input.cursor.optional(), limit: input.limit }),
    body: nothing,
    success: {
      status: 200,
      description: 'A page of them',
      body: z.strictObject({ items: z.array(delivery), nextCursor: z.string().optional() }),
    },
    problems: ['permission-missing', 'invalid-request', 'event-store-unavailable', 'database-unavailable'],
    handle: async ({ caller: { userId, teamId }, query: { status: wanted, ...page } }) => {
      await useCases.requirePlatformPermission({ userId, teamId, permission: 'system.admin' });
      const { items, nextCursor } = await queries.emailDeliveries({ status: wanted }, page);
      const shown = items.map(({ userId: to, email, ...plain }) => ({ ...plain, recipient: { userId: to, email } }));
      return { body: { items: shown, ...(nextCursor !== undefined && { nextCursor }) } };
    },
  });

const retry = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/email-deliveries/:messageId/retry',
    tag,
    summary: 'Try a parked mail again for a day',
    auth: 'session',
    params: z.strictObject({ messageId: input.id }),
    query: nothing,
    body: nothing,
    success: { status: 202, description: 'It is tried again', body: nothing },
    problems: [
      'permission-missing',
      'email-not-found',
      'email-not-parked',
      'not-found',
      'conflict',
      'event-store-unavailable',
    ],
    handle: async ({ params: { messageId }, caller: { userId, teamId }, context }) => {
      const { position } = await useCases.retryEmail({ messageId, userId, teamId }, context);
      return { body: {}, position };
    },
  });
