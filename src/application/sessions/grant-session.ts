import type { Transport } from '../../domain/login/events.ts';
import type { AccessTokens, Clock, Tokens } from '../ports.ts';

export interface GrantableSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly teamId: string;
  readonly roleId: string;
  readonly generation: number;
  readonly startedAt: string;
  readonly expiresAt: string;
  readonly idleTimeoutSeconds: number;
  readonly transport: Transport;
  readonly position: bigint;
}

/** The tokens of a session: the access token for `expiresIn` seconds, the refresh token for one use. */
export interface SessionGrant {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly csrfToken: string;
  readonly expiresIn: number;
  readonly session: GrantableSession;
  readonly position: bigint;
}

export type GrantSession = (session: GrantableSession) => Promise<SessionGrant>;

export function grantSession(deps: { accessTokens: AccessTokens; tokens: Tokens; clock: Clock }): GrantSession {
  return async (session) => {
    const { accessTokens, tokens, clock } = deps;
    const { sessionId, userId, generation, position } = session;
    const { token, expiresInSeconds } = await accessTokens.sign(session, clock());
    return {
      accessToken: token,
      refreshToken: tokens.issue('refresh', [userId, sessionId], generation),
      csrfToken: tokens.issue('csrf', [sessionId]),
      expiresIn: expiresInSeconds,
      session,
      position,
    };
  };
}
