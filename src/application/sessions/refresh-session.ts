import { DomainError } from '../../domain/errors.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { sessionIn } from '../../domain/sessions/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { RefreshWatch } from '../limits.ts';
import { onlyAnOutage } from '../outage.ts';
import { WrongExpectedRevision, type Clock, type Context, type Tokens } from '../ports.ts';
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
  refreshWatch: RefreshWatch;
}

export type RefreshSession = (request: { refreshToken: string }, context: Context) => Promise<SessionGrant>;

/** Rotates the refresh token; one that is used again after its grace is taken for stolen (RFC 9700 §4.14.2). */
export function refreshSession(deps: Dependencies): RefreshSession {
  const handle = commandHandler(deps, sessions);
  const barOf = sessionBar(deps);
  return async (request, context) => {
    try {
      return await refresh(request, context);
    } catch (error) {
      if (isSessionError(error)) deps.refreshWatch.failed();
      throw error;
    }
  };

  async function refresh({ refreshToken }: { refreshToken: string }, context: Context): Promise<SessionGrant> {
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
  }

  /** Unknown while the cache is away: nobody is locked out for that. */
  async function lastUse(sessionId: string): Promise<Date | null> {
    const used = await deps.sessionCache.lastUsed([sessionId]).catch(onlyAnOutage);
    return used?.get(sessionId) ?? null;
  }
}

/** An outage or a fault, or a token that this service does not know. Reuse has an event; the rest is how sessions end. */
function isSessionError(error: unknown): boolean {
  if (error instanceof WrongExpectedRevision) return false;
  return !(error instanceof DomainError) || error.code === 'refresh-token-invalid';
}
