import { z } from 'zod';
import { attemptPage, deviceList, devicesOf, loginActivityOf, sessionList, sessionsOf } from '../account-history.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Own history';

type Deps = Pick<ApiDependencies, 'queries' | 'deviceName' | 'useCases'>;

export const ownHistoryEndpoints = (deps: Deps): Endpoint[] => [
  activeSessions(deps),
  trustedDevices(deps),
  removeDevice(deps),
  loginActivity(deps),
];

const activeSessions = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/sessions',
    tag,
    summary: 'My active sessions, the newest first',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'All of them', body: sessionList },
    problems: ['database-unavailable'],
    handle: async ({ caller }) => ({ body: await sessionsOf(deps, caller.userId, caller) }),
  });

const trustedDevices = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/devices',
    tag,
    summary: 'The devices I have approved, the last seen first',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'All of them', body: deviceList },
    problems: ['database-unavailable'],
    handle: async ({ caller }) => ({ body: await devicesOf(deps, caller.userId, caller) }),
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

const loginActivity = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/login-activity',
    tag,
    summary: 'Attempts to log in as me, the newest first',
    auth: 'session',
    params: nothing,
    query: z.strictObject({ cursor: input.cursor.optional(), limit: input.limit }),
    body: nothing,
    success: { status: 200, description: 'A page of them', body: attemptPage },
    problems: ['invalid-request', 'database-unavailable'],
    handle: async ({ caller, query }) => ({ body: await loginActivityOf(deps, caller.userId, query) }),
  });
