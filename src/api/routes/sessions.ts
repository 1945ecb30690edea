import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { cookieNames, readCookie } from '../cookies.ts';
import { refuseCrossSite, requireCsrfToken } from '../cross-site.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { RequestProblem } from '../problems.ts';
import type { RequestFacts } from '../request-facts.ts';
import { accessResult, grant, grantResult, sessionCookiesCleared } from '../session-grant.ts';
import { authorize } from './authorize.ts';
import { currentSession } from './current-session.ts';

const tag = 'Session';

export const sessionEndpoints = (deps: ApiDependencies): Endpoint[] => [
  refreshSession(deps),
  currentSession(deps),
  authorize(deps),
  logOut(deps),
  switchTeam(deps),
  endSession(deps),
  publicKeys(deps),
];

const refreshSession = ({ useCases, tokens, publicUrl }: ApiDependencies) =>
  endpoint({
    method: 'post',
    path: '/v1/sessions/refresh',
    tag,
    summary: 'Exchange the refresh token for new tokens; without a body, the one in the cookie',
    auth: 'none',
    params: nothing,
    query: nothing,
    body: z.strictObject({ refreshToken: input.token.optional() }),
    success: { status: 200, description: 'New tokens in the transport of the session', body: grant },
    problems: [
      'refresh-token-invalid',
      'refresh-token-reused',
      'session-superseded',
      'session-suspended',
      'session-revoked',
      'session-idle',
      'session-expired',
      'csrf-token-invalid',
      'cross-site-request',
      'conflict',
      'event-store-unavailable',
    ],
    handle: async ({ body, request, context }) => {
      const refreshToken = body.refreshToken ?? refreshTokenInCookie(request, { tokens, publicUrl });
      return grantResult(await useCases.refreshSession({ refreshToken }, context));
    },
  });

/** A browser sends the cookie by itself, so the page has to prove that it is ours, for this very session. */
function refreshTokenInCookie(
  request: RequestFacts,
  { tokens, publicUrl }: Pick<ApiDependencies, 'tokens' | 'publicUrl'>,
): string {
  const refreshToken = readCookie(request.headers.cookie, cookieNames.refresh);
  if (refreshToken === undefined) {
    throw new RequestProblem('invalid-request', { errors: [{ pointer: '/refreshToken', detail: 'is required' }] });
  }
  refuseCrossSite(request, publicUrl);
  const sessionId = tokens.read('refresh', refreshToken)?.ids[1];
  if (sessionId === undefined) throw new DomainError('refresh-token-invalid');
  requireCsrfToken(request, sessionId, tokens);
  return refreshToken;
}

const logOut = ({ useCases }: ApiDependencies) =>
  endpoint({
    method: 'delete',
    path: '/v1/session',
    tag,
    summary: 'Log out: the next request with this session is refused',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: nothing,
    success: { status: 204, description: 'The session has ended', body: nothing },
    problems: ['conflict', 'event-store-unavailable'],
    handle: async ({ caller: { userId, sessionId, via }, context }) => {
      const { position } = await useCases.revokeSession({ userId, sessionId, reason: 'logged-out' }, context);
      return { position, ...(via === 'cookie' && { cookies: sessionCookiesCleared }) };
    },
  });

const switchTeam = ({ useCases }: ApiDependencies) =>
  endpoint({
    method: 'post',
    path: '/v1/session/team',
    tag,
    summary: 'Go on in another team: new access token, same session; the older access tokens are refused from now on',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: z.strictObject({ teamId: input.id }),
    success: { status: 200, description: 'The session, in that team', body: grant },
    problems: [
      'team-not-found',
      'conflict',
      'event-store-unavailable',
      'session-store-unavailable',
      'read-model-behind',
    ],
    handle: async ({ body: { teamId }, caller: { userId, sessionId }, context }) =>
      accessResult(await useCases.switchTeam({ userId, sessionId, teamId }, context)),
  });

const endSession = ({ useCases }: ApiDependencies) =>
  endpoint({
    method: 'delete',
    path: '/v1/sessions/:sessionId',
    tag,
    summary: 'End a session of mine, or with `user.manage` one of a member in my team: its next request is refused',
    auth: 'session',
    params: z.strictObject({ sessionId: input.id }),
    query: nothing,
    body: nothing,
    success: { status: 204, description: 'The session has ended', body: nothing },
    problems: ['permission-missing', 'not-found', 'conflict', 'event-store-unavailable', 'database-unavailable'],
    handle: ({ params: { sessionId }, caller, context }) => useCases.endSession({ caller, sessionId }, context),
  });

const publicKeys = ({ accessTokens }: ApiDependencies) =>
  endpoint({
    method: 'get',
    path: '/.well-known/jwks.json',
    tag,
    summary: 'Keys that access tokens are verified with (RFC 7517)',
    auth: 'none',
    params: nothing,
    query: nothing,
    body: nothing,
    success: {
      status: 200,
      description: 'The keys in use, the next one included',
      body: z.looseObject({ keys: z.array(z.looseObject({})) }),
    },
    problems: ['database-unavailable'],
    handle: async () => ({
      body: { keys: (await accessTokens.publicKeys()).keys.map((key) => ({ ...key })) },
      headers: { 'Cache-Control': 'public, max-age=300' },
    }),
  });
