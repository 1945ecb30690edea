import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { AuditEntry } from '../../projections/audit-queries.ts';
import type { Page } from '../../projections/cursor.ts';
import { auditInput, dateOf } from '../audit-input.ts';
import { auditProblems, auditReader } from '../audit-reading.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Audit';

export const auditEntry = z.strictObject({
  eventId: input.id,
  position: z.string().describe('In the log, as `Event-Position` and `Read-After` have it'),
  type: z.string(),
  occurredAt: input.time,
  actor: z.strictObject({ kind: z.enum(['user', 'anonymous', 'system']), userId: z.string().optional() }),
  subject: z.string().nullable().describe('The person it is about'),
  teamId: z.string().nullable(),
  sessionId: z.string().nullable(),
  deviceId: z.string().nullable(),
  requestId: z.string().nullable(),
  correlationId: z.string(),
  causationId: z.string(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  place: z.string().nullable(),
  data: z.record(z.string(), z.unknown()).describe('Personal fields are `null` once the person is erased'),
  summary: z.string(),
});
const entries = z.strictObject({ items: z.array(auditEntry), nextCursor: z.string().optional() });

const paging = { cursor: input.cursor.optional(), limit: input.limit };

const success = { status: 200, description: 'A page of entries', body: entries } as const;

type Deps = Pick<ApiDependencies, 'queries' | 'useCases'>;

export const auditEndpoints = (deps: Deps): Endpoint[] => [searchEvents(deps), readStream(deps)];

const searchEvents = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/audit/events',
    tag,
    summary: 'Search the history of my team, and of myself; the newest first',
    auth: 'session',
    params: nothing,
    query: z.strictObject({ ...auditInput.filters, ...paging }),
    body: nothing,
    success,
    problems: auditProblems,
    handle: async ({ caller, context, query }) => {
      const { cursor, limit, from, to, ...filter } = query;
      const { visibleTo, record } = await auditReader(deps, caller, context);
      const isForeign = filter.team !== undefined && filter.team !== caller.teamId;
      if (isForeign && visibleTo !== 'all') throw new DomainError('not-found');
      const window = { from: dateOf(from), to: dateOf(to) };
      const page = await deps.queries.auditEvents({ ...filter, ...window }, { cursor, limit }, visibleTo);
      await record({ what: 'events', filter: query, count: page.items.length });
      return { body: auditPage(page) };
    },
  });

const readStream = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/audit/streams/:name',
    tag,
    summary: 'The history of one thing, from its beginning',
    auth: 'session',
    params: z.strictObject({ name: auditInput.streamName }),
    query: z.strictObject(paging),
    body: nothing,
    success,
    problems: auditProblems,
    handle: async ({ caller, context, params: { name }, query }) => {
      const { visibleTo, record } = await auditReader(deps, caller, context);
      const page = await deps.queries.auditStream(name, { ...query, order: 'oldest-first' }, visibleTo);
      // A stream of others looks like one that is not there.
      if (page.items.length === 0 && query.cursor === undefined) throw new DomainError('not-found');
      await record({ what: 'stream', filter: { stream: name, ...query }, count: page.items.length });
      return { body: auditPage(page) };
    },
  });

export const auditPage = ({ items, nextCursor }: Page<AuditEntry>): z.infer<typeof entries> => ({
  items: items.map(auditEntryBody),
  ...(nextCursor !== undefined && { nextCursor }),
});

export const auditEntryBody = ({ actor, data, ...plain }: AuditEntry): z.infer<typeof auditEntry> => ({
  ...plain,
  actor: { ...actor },
  data: { ...data },
});
