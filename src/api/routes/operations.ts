import { z } from 'zod';
import { asText } from '../answer.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { nothing } from '../input.ts';

const tag = 'Operation';
const plain = { tag, auth: 'none', params: nothing, query: nothing, body: nothing, problems: [] } as const;

const readiness = z.strictObject({
  status: z.enum(['ready', 'not-ready']),
  dependencies: z.record(z.string(), z.strictObject({ status: z.string(), circuit: z.string().optional() })),
  projections: z.array(
    z.strictObject({
      name: z.string(),
      version: z.int(),
      status: z.string(),
      position: z.string().nullable(),
      lag: z.string().nullable().describe('Distance to the end of the log in its positions'),
      parked: z.int(),
    }),
  ),
});

type Deps = Pick<ApiDependencies, 'readiness' | 'metricsText'>;

export const operationsEndpoints = (deps: Deps): Endpoint[] => [
  endpoint({
    ...plain,
    method: 'get',
    path: '/livez',
    summary: 'Whether the process runs',
    success: { status: 200, description: 'It does', body: z.strictObject({ status: z.literal('alive') }) },
    handle: () => Promise.resolve({ body: { status: 'alive' as const } }),
  }),
  endpoint({
    ...plain,
    method: 'get',
    path: '/readyz',
    summary: 'Whether requests can be served, and how what they need stands; 503 with the same body when not',
    success: { status: 200, description: 'They can', body: readiness },
    handle: async () => {
      const { ready, dependencies, projections } = await deps.readiness();
      const status = ready ? ('ready' as const) : ('not-ready' as const);
      const models = projections.map(({ name, version, status: state, position, lag, parked }) => ({
        name,
        version,
        status: state,
        position: position?.toString() ?? null,
        lag: lag?.toString() ?? null,
        parked,
      }));
      return {
        body: { status, dependencies: { ...dependencies }, projections: models },
        ...(!ready && { status: 503 }),
      };
    },
  }),
  endpoint({
    ...plain,
    method: 'get',
    path: '/metrics',
    summary: 'Metrics in the text format of Prometheus',
    success: { status: 200, description: 'All of them', body: z.string() },
    rendering: asText('text/plain; version=0.0.4; charset=utf-8'),
    handle: async () => ({ body: await deps.metricsText() }),
  }),
];
