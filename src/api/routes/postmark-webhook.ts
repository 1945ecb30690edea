import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { nothing } from '../input.ts';

/** Postmark adds fields as it likes, so that only here unknown ones are let through. */
const report = z.looseObject({
  RecordType: z.string().max(60),
  // Larger than what a number holds to the last digit, which is enough to know one again.
  ID: z.union([z.string().max(100), z.number()]).optional(),
  TypeCode: z.int().optional(),
  Inactive: z.boolean().optional(),
  MessageID: z.string().max(100).optional(),
  Metadata: z.record(z.string(), z.string()).optional(),
});

/** HardBounce, BadEmailAddress, ManuallyDeactivated, Unconfirmed and the like: there is no second try. */
const hardBounces: ReadonlySet<number> = new Set([1, 16, 512, 100_000, 100_001, 100_006]);

type Deps = Pick<ApiDependencies, 'useCases' | 'webhookAuthorised'>;

/** Postmark tells of a mail until it is answered with 200, and gives up at once at 403. */
export const postmarkWebhookEndpoints = ({ useCases, webhookAuthorised }: Deps): Endpoint[] => [
  endpoint({
    method: 'post',
    path: '/v1/webhooks/postmark',
    tag: 'Operation',
    summary: 'For the mail provider: bounces and spam complaints, with the basic credentials that are configured',
    auth: 'none',
    params: nothing,
    query: nothing,
    body: report,
    success: { status: 200, description: 'Taken; what is told again changes nothing', body: nothing },
    problems: ['webhook-credentials-wrong', 'not-found', 'invalid-request', 'event-store-unavailable'],
    handle: async ({ body, request, context }) => {
      // Where none are configured there is no such endpoint.
      if (webhookAuthorised === undefined) throw new DomainError('not-found');
      if (!webhookAuthorised(request.headers.authorization)) throw new DomainError('webhook-credentials-wrong');
      const told = reportIn(body);
      if (told !== undefined) await useCases.recordEmailReport(told, { ...context, actor: { kind: 'system' } });
      return { body: {} };
    },
  }),
];

function reportIn({ RecordType, ID, MessageID, Metadata, TypeCode, Inactive }: z.infer<typeof report>) {
  const messageId = z.uuid().safeParse(Metadata?.['messageId']);
  if (!messageId.success || MessageID === undefined || ID === undefined) return undefined;
  const about = { messageId: messageId.data, providerMessageId: MessageID };
  if (RecordType === 'SpamComplaint') return { ...about, kind: 'complaint' as const, complaintId: String(ID) };
  if (RecordType !== 'Bounce') return undefined;
  const isHard = Inactive === true || (TypeCode !== undefined && hardBounces.has(TypeCode));
  return {
    ...about,
    kind: 'bounce' as const,
    bounceId: String(ID),
    bounceKind: isHard ? ('hard' as const) : ('soft' as const),
  };
}
