import { z } from 'zod';
import type { Client } from '../application/ports.ts';
import type { PageRequest } from '../projections/cursor.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { SessionCaller } from './endpoint.ts';
import { input } from './input.ts';

/** What a person, and an administrator of the platform, see of an account's sessions, devices and logins. */
const listOf = <Item extends z.ZodType>(item: Item) => z.strictObject({ items: z.array(item) });

export const sessionList = listOf(
  z.strictObject({
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
  }),
);

export const deviceList = listOf(
  z.strictObject({
    deviceId: input.id,
    name: z.string().nullable().describe('Browser and system; `null` where they are not known'),
    method: z.enum(['registration', 'otp']),
    firstSeenAt: input.time,
    lastSeenAt: input.time,
    trustedUntil: input.time,
    place: z.string().nullable(),
    current: z.boolean(),
  }),
);

export const attemptPage = listOf(
  z.strictObject({
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
  }),
).extend({ nextCursor: z.string().optional() });

type Deps = Pick<ApiDependencies, 'queries' | 'deviceName'>;
type Current = Pick<SessionCaller, 'sessionId' | 'deviceId'>;

/** Of `userId`; `current` is what the request itself comes from. */
export async function sessionsOf(
  { queries, deviceName }: Deps,
  userId: string,
  current: Current,
): Promise<z.infer<typeof sessionList>> {
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
    current: sessionId === current.sessionId,
  }));
  return { items };
}

export async function devicesOf(
  { queries, deviceName }: Deps,
  userId: string,
  current: Current,
): Promise<z.infer<typeof deviceList>> {
  const devices = await queries.devices(userId);
  const items = devices.map(({ deviceId, method, firstSeenAt, lastSeenAt, trustedUntil, client }) => ({
    deviceId,
    name: nameOf(client, deviceName),
    method,
    firstSeenAt,
    lastSeenAt,
    trustedUntil,
    place: client?.place ?? null,
    current: deviceId === current.deviceId,
  }));
  return { items };
}

export async function loginActivityOf(
  { queries, deviceName }: Deps,
  userId: string,
  page: PageRequest,
): Promise<z.infer<typeof attemptPage>> {
  const { items, nextCursor } = await queries.loginActivity(userId, page);
  const attempts = items.map(({ client, deviceTrusted: _trusted, ...known }) => ({
    ...known,
    deviceName: nameOf(client, deviceName),
    ip: client?.ip ?? null,
    place: client?.place ?? null,
  }));
  return { items: attempts, ...(nextCursor !== undefined && { nextCursor }) };
}

const nameOf = (client: Client | null | undefined, deviceName: Deps['deviceName']): string | null =>
  client?.userAgent ? deviceName(client.userAgent) : null;
