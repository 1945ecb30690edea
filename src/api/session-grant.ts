import { z } from 'zod';
import type { SessionGrant } from '../application/sessions/grant-session.ts';
import type { Result } from './answer.ts';
import { clearCookie, cookieNames, setCookie } from './cookies.ts';
import { input } from './input.ts';

export const sessionShape = {
  sessionId: input.id,
  userId: input.id,
  teamId: input.id,
  expiresAt: input.time,
  idleTimeoutSeconds: z.int().positive(),
};

/** With cookie transport the two tokens are in cookies, and `csrfToken` is here instead. */
export const grant = z.strictObject({
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
  csrfToken: z.string().optional(),
  tokenType: z.literal('Bearer'),
  expiresIn: z.int().positive().describe('Life of the access token in seconds'),
  session: z.strictObject(sessionShape),
});

type GrantResult = Result<z.infer<typeof grant>> & { readonly body: z.infer<typeof grant> };

/** Answers in the transport that the login asked for, as long as the session lives. */
export function grantResult({ session, position, expiresIn, ...tokens }: SessionGrant): GrantResult {
  const { sessionId, userId, teamId, expiresAt, idleTimeoutSeconds, transport } = session;
  const { accessToken, refreshToken, csrfToken } = tokens;
  const common = {
    tokenType: 'Bearer' as const,
    expiresIn,
    session: { sessionId, userId, teamId, expiresAt, idleTimeoutSeconds },
  };
  if (transport === 'bearer') return { body: { accessToken, refreshToken, ...common }, position };
  const cookies = [
    setCookie(cookieNames.access, accessToken, { maxAgeSeconds: expiresIn }),
    setCookie(cookieNames.refresh, refreshToken, { expires: new Date(expiresAt) }),
  ];
  return { body: { csrfToken, ...common }, position, cookies };
}

/**
 * A new access token alone: the client has its refresh token, and a stolen access token must not be turned into one
 * that lives for days.
 */
export function accessResult(granted: SessionGrant): GrantResult {
  const { body, cookies } = grantResult(granted);
  const withoutRefresh = Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'refreshToken'));
  return {
    body: withoutRefresh as typeof body,
    position: granted.position,
    ...(cookies && { cookies: cookies.slice(0, 1) }),
  };
}

export const sessionCookiesCleared = [clearCookie(cookieNames.access), clearCookie(cookieNames.refresh)];
