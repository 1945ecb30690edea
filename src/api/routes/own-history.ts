import { z } from 'zod';
import type { Client } from '../../application/ports.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Own history';
const page = z.strictObject({ cursor: input.cursor.optional(), limit: input.limit });
const listOf = <Item extends z.ZodType>(item: Item) => z.strictObject({ items: z.array(item) });

const session = z.strictObject({
  sessionId: input.id,
  teamId: input.id,
  deviceId: input.id,
  deviceName: z.string().nullable(),
  startedAt: input.time,
  refreshedAt: input.time,
  lastSeenAt: input.time.nullable().describe('`null` where it is not known'),
  expiresAt: input.time,
  place: z.string().nullable(),
  current: z.boolean(),
});

const device = z.strictObject({
  deviceId: input.id,
  name: z.string().nullable().describe('Browser and system; `null` where they are not known'),
  method: z.enum(['registration', 'otp']),
  firstSeenAt: input.time,
  lastSeenAt: input.time,
  trustedUntil: input.time,
  place: z.string().nullable(),
  current: z.boolean(),
});

const attempt = z.strictObject({
  loginId: input.id,
  outcome: z.string(),
  reason: z.string().nullable(),
  startedAt: input.time,
  endedAt: input.time.nullable(),
  teamId: input.id.nullable(),
  sessionId: input.id.nullable(),
  deviceId: input.id.nullable(),
  deviceName: z.string().nullable(),
  ip: z.string().nullable(),
  place: z.string().nullable(),
});

type Deps = Pick<ApiDependencies, 'queries' | 'deviceName' | 'useCases'>;

export const ownHistoryEndpoints = (deps: Deps): Endpoint[] => [
  activeSessions(deps),
  trustedDevices(deps),
  removeDevice(deps),
  loginActivity(deps),
];

const activeSessions = ({ queries, deviceName }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/sessions',
    tag,
    summary: 'My active sessions, the newest first',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'All of them', body: listOf(session) },
    problems: ['database-unavailable'],
    handle: async ({ caller }) => {
      const { userId } = caller;
      const [sessions, devices] = await Promise.all([queries.activeSessions(userId), queries.devices(userId)]);
      const clients = new Map(devices.map(({ deviceId, client }) => [deviceId, client]));
      const items = sessions.map(({ sessionId, teamId, deviceId, startedAt, refreshedAt, lastSeenAt, expiresAt }) => ({
        sessionId,
        teamId,
        deviceId,
        deviceName: nameOf(clients.get(deviceId), deviceName),
        startedAt,
        refreshedAt,
        lastSeenAt,
        expiresAt,
        place: clients.get(deviceId)?.place ?? null,
        current: sessionId === caller.sessionId,
      }));
      return { body: { items } };
    },
  });

const trustedDevices = ({ queries, deviceName }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/devices',
    tag,
    summary: 'The devices I have approved, the last seen first',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'All of them', body: listOf(device) },
    problems: ['database-unavailable'],
    handle: async ({ caller }) => {
      const devices = await queries.devices(caller.userId);
      const items = devices.map(({ deviceId, method, firstSeenAt, lastSeenAt, trustedUntil, client }) => ({
        deviceId,
        name: nameOf(client, deviceName),
        method,
        firstSeenAt,
        lastSeenAt,
        trustedUntil,
        place: client?.place ?? null,
        current: deviceId === caller.deviceId,
      }));
      return { body: { items } };
    },
  });

const removeDevice = ({ useCases }: Deps) =>
  endpoint({
    method: 'delete',
    path: '/v1/devices/:deviceId',
    tag,
    summary: 'Trust a device of mine no more: the sessions on it end, and its next login needs a code',
    auth: 'session',
    params: z.strictObject({ deviceId: input.id }),
    query: nothing,
    body: nothing,
    success: { status: 204, description: 'It is trusted no more', body: nothing },
    problems: ['not-found', 'conflict', 'event-store-unavailable'],
    handle: ({ params: { deviceId }, caller: { userId }, context }) =>
      useCases.removeDevice({ userId, deviceId, reason: 'by-user' }, context),
  });

const loginActivity = ({ queries, deviceName }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/login-activity',
    tag,
    summary: 'Attempts to log in as me, the newest first',
    auth: 'session',
    params: nothing,
    query: page,
    body: nothing,
    success: {
      status: 200,
      description: 'A page of them',
      body: listOf(attempt).extend({ nextCursor: z.string().optional() }),
    },
    problems: ['invalid-request', 'database-unavailable'],
    handle: async ({ caller, query }) => {
      const { items, nextCursor } = await queries.loginActivity(caller.userId, query);
      const attempts = items.map(({ client, deviceTrusted: _trusted, ...known }) => ({
        ...known,
        deviceName: nameOf(client, deviceName),
        ip: client?.ip ?? null,
        place: client?.place ?? null,
      }));
      return { body: { items: attempts, ...(nextCursor !== undefined && { nextCursor }) } };
    },
  });

const nameOf = (client: Client | null | undefined, deviceName: Deps['deviceName']): string | null =>
  client?.userAgent ? deviceName(client.userAgent) : null;
