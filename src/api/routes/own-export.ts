import { z } from 'zod';
import { Unavailable } from '../../application/ports.ts';
import type { Client } from '../../application/ports.ts';
import type { LoginAttempt } from '../../projections/login-activity.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { auditEntry, auditPage } from './audit.ts';

/** The newest of each; the history has a cursor for what is older. */
const mostSessions = 1000;
const mostLogins = 1000;
const historyPage = 1000;
const loginPage = 200;

const client = {
  deviceName: z.string().nullable(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  place: z.string().nullable(),
};

const exported = z.strictObject({
  exportedAt: input.time,
  profile: z.strictObject({
    userId: input.id,
    name: z.string().nullable(),
    email: z.string().nullable(),
    registeredAt: input.time,
    verifiedAt: input.time.nullable(),
  }),
  memberships: z.array(
    z.strictObject({ teamId: input.id, teamName: z.string(), roleId: input.id, roleName: z.string() }),
  ),
  devices: z.array(
    z.strictObject({
      deviceId: input.id,
      method: z.string(),
      firstSeenAt: input.time,
      lastSeenAt: input.time,
      trustedUntil: input.time,
      ...client,
    }),
  ),
  sessions: z.array(
    z.strictObject({
      sessionId: input.id,
      teamId: input.id,
      deviceId: input.id,
      status: z.string(),
      startedAt: input.time,
      expiresAt: input.time,
      endedAt: input.time.nullable(),
    }),
  ),
  logins: z.array(
    z.strictObject({
      loginId: input.id,
      outcome: z.string(),
      reason: z.string().nullable(),
      startedAt: input.time,
      endedAt: input.time.nullable(),
      deviceId: input.id.nullable(),
      ...client,
    }),
  ),
  history: z
    .strictObject({ items: z.array(auditEntry), nextCursor: z.string().optional() })
    .describe('Everything recorded about me, the newest first; older entries with `?cursor=`'),
});

type Deps = Pick<ApiDependencies, 'queries' | 'deviceName' | 'clock'>;
type Exported = z.infer<typeof exported>;

export const ownExportEndpoints = (deps: Deps): Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/v1/me/export',
    tag: 'Own history',
    summary: 'Everything that is kept about me, readable by machines (GDPR Art. 15 and 20)',
    auth: 'session',
    params: nothing,
    query: z.strictObject({ cursor: input.cursor.optional() }),
    body: nothing,
    success: { status: 200, description: 'One document', body: exported },
    problems: ['invalid-request', 'database-unavailable', 'read-model-behind'],
    handle: async ({ caller: { userId }, query }) => {
      const [profile, memberships, devices, sessions, logins, history] = await Promise.all([
        profileOf(deps, userId),
        membershipsOf(deps, userId),
        devicesOf(deps, userId),
        sessionsOf(deps, userId),
        loginsOf(deps, userId),
        historyOf(deps, userId, query.cursor),
      ]);
      const body = { exportedAt: deps.clock().toISOString(), profile, memberships, devices, sessions, logins, history };
      return { body, headers: { 'Content-Disposition': 'attachment; filename="my-data.json"' } };
    },
  }),
];

async function profileOf({ queries }: Deps, userId: string): Promise<Exported['profile']> {
  const found = await queries.userProfile(userId);
  if (found === undefined) throw new Unavailable('read-model');
  const { name, email, registeredAt, verifiedAt } = found;
  return { userId, name, email, registeredAt, verifiedAt };
}

async function membershipsOf({ queries }: Deps, userId: string): Promise<Exported['memberships']> {
  const teams = await queries.teams(userId);
  return teams.map(({ teamId, name, roleId, role }) => ({ teamId, teamName: name, roleId, roleName: role }));
}

async function devicesOf({ queries, deviceName }: Deps, userId: string): Promise<Exported['devices']> {
  const devices = await queries.devices(userId);
  return devices.map(({ deviceId, method, firstSeenAt, lastSeenAt, trustedUntil, client: from }) => ({
    ...{ deviceId, method, firstSeenAt, lastSeenAt, trustedUntil },
    ...clientOf(from, deviceName),
  }));
}

async function sessionsOf({ queries }: Deps, userId: string): Promise<Exported['sessions']> {
  const sessions = await queries.sessions(userId, mostSessions);
  return sessions.map(({ sessionId, teamId, deviceId, status, startedAt, expiresAt, endedAt }) => ({
    ...{ sessionId, teamId, deviceId, status, startedAt, expiresAt },
    endedAt: endedAt ?? null,
  }));
}

async function loginsOf({ queries, deviceName }: Deps, userId: string): Promise<Exported['logins']> {
  const found: LoginAttempt[] = [];
  let cursor: string | undefined;
  do {
    const page = await queries.loginActivity(userId, { cursor, limit: loginPage });
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && found.length < mostLogins);
  return found.map(({ loginId, outcome, reason, startedAt, endedAt, deviceId, client: from }) => ({
    ...{ loginId, outcome, reason, startedAt, endedAt, deviceId },
    ...clientOf(from, deviceName),
  }));
}

/** What is about the person, whichever team it happened in. */
async function historyOf({ queries }: Deps, userId: string, cursor: string | undefined): Promise<Exported['history']> {
  const onlyOwn = { teamIds: [], userId };
  return auditPage(await queries.auditEvents({ subject: userId }, { cursor, limit: historyPage }, onlyOwn));
}

const clientOf = (from: Client | null, deviceName: Deps['deviceName']) => ({
  deviceName: from?.userAgent ? deviceName(from.userAgent) : null,
  ip: from?.ip ?? null,
  userAgent: from?.userAgent ?? null,
  place: from?.place ?? null,
});
