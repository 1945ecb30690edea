import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { OperationalFigures } from '../../projections/operational-figures.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint, type SessionCaller } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Operation';
const windows = { hour: 3_600_000, day: 86_400_000, '30d': 30 * 86_400_000 } as const;

const rate = z.strictObject({
  value: z.number().nullable().describe('A share of 1; `null` where there is nothing to count'),
  samples: z.int(),
  target: z.string().nullable(),
});

const kpis = z.strictObject({
  window: z.enum(['hour', 'day', '30d']),
  from: input.time,
  to: input.time,
  teamId: input.id.nullable().describe('`null`: the whole installation'),
  loginSuccessRate: rate,
  sessionExpiryRate: rate.describe('Left to expire, of all that ended'),
  deviceApprovalRate: rate.extend({ automatic: z.int(), code: z.int() }).describe('Trusted already, of all devices'),
  suspiciousLoginRate: rate,
  passwordResetRate: rate.describe('Resets for each login that succeeded'),
  averageSessionDuration: z.strictObject({ seconds: z.number().nullable(), samples: z.int() }),
});

const alert = z.strictObject({
  name: z.string(),
  level: z.enum(['warning', 'critical']).nullable().describe('`null` once it is cleared'),
  value: z.number(),
  threshold: z.number().nullable(),
  raisedAt: input.time,
  clearedAt: input.time.nullable(),
});

const projection = z.strictObject({
  name: z.string(),
  version: z.int(),
  status: z.string(),
  position: z.string().nullable(),
  lag: z.string().nullable().describe('Distance to the end of the log in its positions'),
  parked: z.int(),
  updatedAt: input.time,
  rebuild: z.strictObject({ version: z.int(), position: z.string().nullable() }).nullable(),
});

type Deps = Pick<ApiDependencies, 'useCases' | 'queries' | 'clock' | 'readiness'>;

export const operationalEndpoints = (deps: Deps): Endpoint[] => [figures(deps), alerts(deps), projections(deps)];

const figures = ({ useCases, queries, clock }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/metrics/operational',
    tag,
    summary: 'Key figures of my team; of the whole installation or of any team for the platform team',
    auth: 'session',
    params: nothing,
    query: z.strictObject({ window: z.enum(['hour', 'day', '30d']).default('day'), team: input.id.optional() }),
    body: nothing,
    success: { status: 200, description: 'The figures of the window that ends now', body: kpis },
    problems: [
      'permission-missing',
      'team-not-found',
      'not-found',
      'invalid-request',
      'event-store-unavailable',
      'database-unavailable',
    ],
    handle: async ({ caller, query: { window, team } }) => {
      const teamId = await visibleTeam(useCases, caller, team);
      const to = clock();
      const from = new Date(to.getTime() - windows[window]);
      const counted = await queries.operationalFigures(from, teamId);
      const about = { window, from: from.toISOString(), to: to.toISOString(), teamId: teamId ?? null };
      return { body: { ...about, ...kpisOf(counted) } };
    },
  });

/** `undefined`: the whole. A team of others looks like one that is not there. */
async function visibleTeam(
  useCases: Deps['useCases'],
  { userId, teamId }: SessionCaller,
  asked: string | undefined,
): Promise<string | undefined> {
  const permission = 'events.read';
  const isPlatform = await useCases.requirePlatformPermission({ userId, teamId, permission }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof DomainError && error.code === 'permission-missing') return false;
      throw error;
    },
  );
  if (isPlatform) return asked;
  await useCases.requirePermission({ teamId, userId, permission });
  if (asked !== undefined && asked !== teamId) throw new DomainError('team-not-found');
  return teamId;
}

function kpisOf({ logins, sessions, resets }: OperationalFigures) {
  const { completed, failed, began, flagged, trusted, coded } = logins;
  return {
    loginSuccessRate: share(completed, completed + failed, '> 0.95'),
    sessionExpiryRate: share(sessions.endedNaturally, sessions.ended, '> 0.8'),
    deviceApprovalRate: { ...share(trusted, trusted + coded, null), automatic: trusted, code: coded },
    suspiciousLoginRate: share(flagged, began, '< 0.05'),
    passwordResetRate: share(resets, completed, null),
    averageSessionDuration: { seconds: sessions.averageSeconds, samples: sessions.ended },
  };
}

const share = (part: number, samples: number, target: string | null) => ({
  value: samples === 0 ? null : part / samples,
  samples,
  target,
});

const alerts = ({ useCases, queries }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/alerts',
    tag,
    summary: 'Alerts that were ever raised and how they stand, those that are raised first',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'All of them', body: z.strictObject({ items: z.array(alert) }) },
    problems: ['permission-missing', 'event-store-unavailable', 'database-unavailable'],
    handle: async ({ caller: { userId, teamId } }) => {
      await useCases.requirePlatformPermission({ userId, teamId, permission: 'system.admin' });
      return { body: { items: (await queries.alerts()).map((item) => ({ ...item })) } };
    },
  });

const projections = ({ useCases, readiness }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/projections',
    tag,
    summary: 'How each read model stands: how far it lags, what it has parked, whether it is rebuilt',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'All of them', body: z.strictObject({ items: z.array(projection) }) },
    problems: ['permission-missing', 'event-store-unavailable', 'database-unavailable'],
    handle: async ({ caller: { userId, teamId } }) => {
      await useCases.requirePlatformPermission({ userId, teamId, permission: 'system.admin' });
      const items = (await readiness()).projections.map(({ position, lag, updatedAt, rebuild, ...plain }) => ({
        ...plain,
        position: position?.toString() ?? null,
        lag: lag?.toString() ?? null,
        updatedAt: updatedAt.toISOString(),
        rebuild: rebuild ? { version: rebuild.version, position: rebuild.position?.toString() ?? null } : null,
      }));
      return { body: { items } };
    },
  });
