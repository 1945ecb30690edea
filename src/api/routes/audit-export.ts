import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { auditInput, dateOf } from '../audit-input.ts';
import { auditReader } from '../audit-reading.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { nothing } from '../input.ts';

type Deps = Pick<ApiDependencies, 'queries' | 'useCases' | 'logger'>;

const types = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

const query = z.strictObject({
  format: z.enum(['ndjson', 'csv']).default('ndjson'),
  ...auditInput.filters,
  previousSize: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Of a checkpoint that you have: the first line then proves that the log goes on from it'),
});

export const auditExportEndpoints = (deps: Deps): Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/v1/audit/export',
    tag: 'Audit',
    summary: 'What I may see of the history, with proofs as NDJSON, or for spreadsheets as CSV; the oldest first',
    auth: 'session',
    params: nothing,
    query,
    body: nothing,
    success: { status: 200, description: 'A line an entry', body: z.string() },
    rendering: { contentType: types.ndjson, headers: {} },
    problems: [
      'permission-missing',
      'not-found',
      'proof-not-ready',
      'invalid-request',
      'database-unavailable',
      'event-store-unavailable',
      'read-model-behind',
    ],
    handle: async ({ caller, context, request, query: asked }) => {
      const { format, previousSize, ...filters } = asked;
      const { from, to, ...filter } = filters;
      const { visibleTo, record } = await auditReader(deps, caller, context);
      const isForeign = filter.team !== undefined && filter.team !== caller.teamId;
      if (isForeign && visibleTo !== 'all') throw new DomainError('not-found');
      const search = { ...filter, from: dateOf(from), to: dateOf(to) };
      const stream = await deps.queries.proof.export({
        format,
        filters,
        complete: visibleTo === 'all' && Object.keys(filters).length === 0,
        previousSize,
        entries: (page) => deps.queries.auditEvents(search, { ...page, order: 'oldest-first' }, visibleTo),
      });
      if (!stream) throw new DomainError('proof-not-ready');
      await record({ what: 'export', filter: asked, count: null });
      const failed = (err: unknown) => {
        deps.logger.error({ err, requestId: request.requestId }, 'an export broke off');
      };
      return {
        stream: watched(stream, failed),
        headers: {
          'Content-Type': types[format],
          'Content-Disposition': `attachment; filename="audit.${format}"`,
        },
      };
    },
  }),
];

/** The answer has begun: all that can be done is to break it off and say so in the log. */
async function* watched(stream: AsyncIterable<string>, failed: (error: unknown) => void): AsyncGenerator<string> {
  try {
    yield* stream;
  } catch (error) {
    failed(error);
    throw error;
  }
}
