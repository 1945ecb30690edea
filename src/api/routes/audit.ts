import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { AuditEntry } from '../../projections/audit-queries.ts';
import type { Visibility } from '../../projections/audit-select.ts';
import type { Page } from '../../projections/cursor.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint, type SessionCaller } from '../endpoint.ts';
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
const filters = z.strictObject({
  team: input.id.optional(),
  actor: input.id.optional(),
  subject: input.id.optional(),
  type: z
    .string()
    .regex(/^[A-Za-z0-9]{1,100}$/)
    .optional(),
  session: input.id.optional(),
  device: input.id.optional(),
  from: input.time.optional(),
  to: input.time.optional(),
  ...paging,
});

const success = { status: 200, description: 'A page of entries', body: entries } as const;
const problems = ['permission-missing', 'not-found', 'invalid-request', 'database-unavailable'] as const;

type Deps = Pick<ApiDependencies, 'queries'>;

export const auditEndpoints = (deps: Deps): Endpoint[] => [searchEvents(deps), readStream(deps)];

const searchEvents = ({ queries }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/audit/events',
    tag,
    summary: 'Search the history of my team, and of myself; the newest first',
    auth: 'session',
    params: nothing,
    query: filters,
    body: nothing,
    success,
    problems,
    handle: async ({ caller, query: { cursor, limit, from, to, ...filter } }) => {
      const visibleTo = await visibility(queries, caller);
      if (filter.team !== undefined && filter.team !== caller.teamId) throw new DomainError('not-found');
      const window = { from: dateOf(from), to: dateOf(to) };
      return { body: auditPage(await queries.auditEvents({ ...filter, ...window }, { cursor, limit }, visibleTo)) };
    },
  });

const readStream = ({ queries }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/audit/streams/:name',
    tag,
    summary: 'The history of one thing, from its beginning',
    auth: 'session',
    params: z.strictObject({ name: z.string().regex(/^[a-z_]{1,60}(-[\w-]{1,140})?$/) }),
    query: z.strictObject(paging),
    body: nothing,
    success,
    problems,
    handle: async ({ caller, params: { name }, query }) => {
      const visibleTo = await visibility(queries, caller);
      const page = await queries.auditStream(name, { ...query, order: 'oldest-first' }, visibleTo);
      // A stream of others looks like one that is not there.
      if (page.items.length === 0 && query.cursor === undefined) throw new DomainError('not-found');
      return { body: auditPage(page) };
    },
  });

/** Whoever may read the team's history sees it, and what is about or by themselves. */
async function visibility(queries: Deps['queries'], { teamId, userId }: SessionCaller): Promise<Visibility> {
  const permission = 'events.read';
  const membership = await queries.membership(teamId, userId);
  if (membership?.permissions.includes(permission) !== true)
    throw new DomainError('permission-missing', { permission });
  return { teamIds: [teamId], userId };
}

const dateOf = (time: string | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));

export const auditPage = ({ items, nextCursor }: Page<AuditEntry>): z.infer<typeof entries> => ({
  items: items.map(({ actor, data, ...plain }) => ({ ...plain, actor: { ...actor }, data: { ...data } })),
  ...(nextCursor !== undefined && { nextCursor }),
});
