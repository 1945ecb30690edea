import { DomainError } from '../../domain/errors.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { sessionIn } from '../../domain/sessions/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import { onlyAnOutage } from '../outage.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import type { SessionCache } from '../session-cache.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from './cache-sessions.ts';
import type { GrantSession, SessionGrant } from './grant-session.ts';
import { sessionBar } from './session-bar.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  sessionCache: SessionCache;
  clock: Clock;
  cacheSessions: CacheSessions;
  grantSession: GrantSession;
}

export type RefreshSession = (request: { refreshToken: string }, context: Context) => Promise<SessionGrant>;

/** Rotates the refresh token; one that is used again after its grace is taken for stolen (RFC 9700 §4.14.2). */
export function refreshSession(deps: Dependencies): RefreshSession {
  const handle = commandHandler(deps, sessions);
  const barOf = sessionBar(deps);
  return async ({ refreshToken }, context) => {
    const { tokens, clock, cacheSessions, grantSession } = deps;
    const presented = tokens.read('refresh', refreshToken);
    const [userId, sessionId] = presented?.ids ?? [];
    if (presented === undefined || userId === undefined || sessionId === undefined) {
      throw new DomainError('refresh-token-invalid');
    }
    const { generation } = presented;
    // Its sessions end with the account's bar, but for the moment between the two.
    const [bar, lastUsedAt] = await Promise.all([barOf(userId), lastUse(sessionId)]);
    if (bar !== undefined) throw new DomainError('session-revoked');
    const as = { ...actingAs(userId, context), sessionId };
    const handled = await handle(
      streams.sessions(userId),
      { type: 'RefreshSession', sessionId, generation, lastUsedAt, now: clock() },
      as,
    );
    // The copy is mended by a reaction too; the refresh itself has succeeded without it.
    await cacheSessions(handled).catch(onlyAnOutage);
    const session = sessionIn(handled.state, sessionId);
    if (session?.status !== 'active') throw new DomainError('refresh-token-reused');
    return grantSession({ ...session, userId, position: handled.position ?? 0n });
  };

  /** Unknown while the cache is away: nobody is locked out for that. */
  async function lastUse(sessionId: string): Promise<Date | null> {
    const used = await deps.sessionCache.lastUsed([sessionId]).catch(onlyAnOutage);
    return used?.get(sessionId) ?? null;
  }
}
