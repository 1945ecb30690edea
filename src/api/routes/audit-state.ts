import { z } from 'zod';
import { Unavailable } from '../../application/ports.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Visibility } from '../../projections/audit-select.ts';
import { auditInput, momentOf, notBoth, oneMoment } from '../audit-input.ts';
import { auditProblems, auditReader } from '../audit-reading.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { auditEntry, auditEntryBody } from './audit.ts';

const tag = 'Audit';

const change = z.strictObject({
  path: z.string().describe('JSON pointer (RFC 6901) into the state; things in a list stand under their id'),
  before: z.unknown().optional().describe('Absent where there was nothing'),
  after: z.unknown().optional().describe('Absent where there is nothing any more'),
});

const detail = z.strictObject({
  event: auditEntry,
  stream: z.string(),
  revision: z.string().describe('In the stream, from 0'),
  causes: z.array(auditEntry).describe('From the direct cause back to the first event of the request'),
  consequences: z.array(auditEntry).describe('What directly followed; the first 100, more with `causation`'),
  sameRequest: z
    .array(auditEntry)
    .describe('What else followed from the request; the first 100, more with `correlation`'),
  changes: z
    .array(change)
    .nullable()
    .describe('In the state of its stream; `null` where that has none, or I may not see all that made it so'),
});

const state = z.strictObject({
  stream: z.string(),
  state: z.unknown().describe('As decisions saw it; personal fields are `null` once the person is erased'),
  asOf: z.strictObject({
    position: z.string(),
    revision: z.string(),
    eventId: input.id,
    recordedAt: input.time,
  }),
});

const problems = [...auditProblems, 'read-model-behind'] as const;

type Deps = Pick<ApiDependencies, 'queries' | 'useCases'>;

export const auditStateEndpoints = (deps: Deps): Endpoint[] => [readEvent(deps), readState(deps)];

const readEvent = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/audit/events/:eventId',
    tag,
    summary: 'One event, with what caused it, what followed, and what it changed',
    auth: 'session',
    params: z.strictObject({ eventId: input.id }),
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'The event', body: detail },
    problems,
    handle: async ({ caller, context, params: { eventId } }) => {
      const { visibleTo, record } = await auditReader(deps, caller, context);
      const found = await deps.queries.auditEvent(eventId, visibleTo);
      if (found === undefined) throw new DomainError('not-found');
      const { stream, revision, event } = found;
      const isSeen = await seesAll(deps, stream, { position: event.position, revision: BigInt(revision) }, visibleTo);
      const changes = isSeen ? await deps.useCases.describeChange(stream, BigInt(revision)) : null;
      await record({ what: 'event', filter: { eventId }, count: 1 });
      const body = {
        ...{ stream, revision, event: auditEntryBody(event) },
        causes: found.causes.map(auditEntryBody),
        consequences: found.consequences.map(auditEntryBody),
        sameRequest: found.sameRequest.map(auditEntryBody),
        changes: changes === null ? null : changes.map((one) => ({ ...one })),
      };
      return { body };
    },
  });

const readState = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/audit/streams/:name/state',
    tag,
    summary: 'The state of one thing as it is, or as it was at a time or position of the log',
    auth: 'session',
    params: z.strictObject({ name: auditInput.streamName }),
    query: z.strictObject(auditInput.moment).refine(oneMoment, notBoth),
    body: nothing,
    success: { status: 200, description: 'The state', body: state },
    problems,
    handle: async ({ caller, context, params: { name }, query }) => {
      const { visibleTo, record } = await auditReader(deps, caller, context);
      const found = await deps.useCases.describeState(name, momentOf(query));
      if (found === undefined) throw new DomainError('not-found');
      const asOf = { position: String(found.position), revision: found.revision };
      if (!(await seesAll(deps, name, asOf, visibleTo))) throw new DomainError('not-found');
      await record({ what: 'state', filter: { stream: name, ...query }, count: 1 });
      const { eventId, recordedAt } = found;
      return {
        body: {
          stream: name,
          state: found.state,
          asOf: { ...asOf, revision: String(asOf.revision), eventId, recordedAt: recordedAt.toISOString() },
        },
      };
    },
  });

/** A state tells about every event that made it: it is for those who may see all of them. */
async function seesAll(
  { queries }: Deps,
  stream: string,
  asOf: { position: string; revision: bigint },
  visibleTo: Visibility,
): Promise<boolean> {
  const { events, visible } = await queries.auditStreamSeen(stream, asOf.position, visibleTo);
  if (visible < events || (visibleTo !== 'all' && visible === 0)) return false;
  if (BigInt(events) <= asOf.revision) throw new Unavailable('read-model');
  return true;
}
