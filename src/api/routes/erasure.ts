import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { sessionCookiesCleared } from '../session-grant.ts';

const receipt = z.strictObject({
  receiptId: input.id,
  userId: input.id,
  erasedAt: input.time,
  signed: z.string().describe('A signed note (C2SP signed-note, Ed25519); its key is at /.well-known/audit-log-key'),
});

type Deps = Pick<ApiDependencies, 'useCases'>;

export const erasureEndpoints = (deps: Deps): Endpoint[] => [eraseMyself(deps), erasePerson(deps)];

const refusals = ['last-owner', 'conflict', 'event-store-unavailable', 'database-unavailable'] as const;

const eraseMyself = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/me/erase',
    tag: 'Own data',
    summary: 'Erase my account: my personal data becomes unreadable everywhere, at once and for good',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: z.strictObject({ password: input.password }),
    success: { status: 200, description: 'Erased; the receipt proves it', body: receipt },
    problems: [
      'current-password-wrong',
      'too-many-attempts',
      'password-hashing-busy',
      'read-model-behind',
      ...refusals,
    ],
    handle: async ({ body: { password }, caller, request, context }) => {
      const { userId, deviceId, via } = caller;
      const who = { userId, deviceId, password, ip: request.ip ?? 'unknown' };
      const { receipt: body, position } = await useCases.eraseMyself(who, context);
      return { body, position, ...(via === 'cookie' && { cookies: sessionCookiesCleared }) };
    },
  });

const erasePerson = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/users/:userId/erase',
    tag: 'Users',
    summary: 'Erase a person, as an administrator of the platform; asked again, the same receipt is answered',
    auth: 'session',
    params: z.strictObject({ userId: input.id }),
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'Erased; the receipt proves it', body: receipt },
    problems: ['permission-missing', 'not-found', 'read-model-behind', ...refusals],
    handle: async ({ params, caller: { userId, teamId }, context }) => {
      await useCases.requirePlatformPermission({ userId, teamId, permission: 'system.admin' });
      const { receipt: body, position } = await useCases.erasePerson(params, context);
      return { body, position };
    },
  });
