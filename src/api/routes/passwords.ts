import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Password';

/** The same for an address that is known and one that is not. */
const noted = z.strictObject({ status: z.literal('reset-requested') });

type Deps = Pick<ApiDependencies, 'useCases'>;

export const passwordEndpoints = (deps: Deps): Endpoint[] => [forgot(deps), reset(deps), change(deps)];

const choosingProblems = [
  'password-not-acceptable',
  'password-hashing-busy',
  'conflict',
  'event-store-unavailable',
  'database-unavailable',
] as const;

const forgot = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/password/forgot',
    tag,
    summary: 'Ask for a link to choose a new password; at most three an hour are sent to one address',
    auth: 'none',
    mailsStrangers: true,
    params: nothing,
    query: nothing,
    body: z.strictObject({ email: input.email }),
    success: { status: 202, description: 'Noted, whether or not anybody has this address', body: noted },
    problems: ['too-many-attempts', 'conflict', 'event-store-unavailable'],
    handle: async ({ body, context }) => {
      await useCases.requestPasswordReset(body, context);
      // Without the position: beyond the limit nothing is appended, and what stands last there tells of the address.
      return { body: { status: 'reset-requested' as const } };
    },
  });

const reset = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/password/reset',
    tag,
    summary: 'Choose a new password with the token of the link, or of a login that asked for it; all sessions end',
    auth: 'none',
    params: nothing,
    query: nothing,
    body: z.strictObject({ token: input.token, password: input.password }),
    success: { status: 204, description: 'The new password is the one that counts', body: nothing },
    problems: ['reset-token-invalid', 'reset-token-expired', 'reset-token-used', ...choosingProblems],
    handle: ({ body, context }) => useCases.resetPassword(body, context),
  });

const change = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/password/change',
    tag,
    summary: 'Change the password; all other sessions end',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: z.strictObject({ currentPassword: input.password, password: input.password }),
    success: { status: 204, description: 'The new password is the one that counts', body: nothing },
    problems: ['current-password-wrong', 'too-many-attempts', ...choosingProblems],
    handle: ({ body, caller: { userId, sessionId, deviceId }, request, context }) =>
      useCases.changePassword({ ...body, userId, sessionId, deviceId, ip: request.ip ?? 'unknown' }, context),
  });
