import { DomainError, type DomainErrorCode } from '../../domain/errors.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { activeSessions } from '../../domain/sessions/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import {
  Unavailable,
  type AccessTokenClaims,
  type AccessTokens,
  type Clock,
  type Directory,
  type SessionCache,
  type SessionRecord,
  type SessionStatus,
} from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from './cache-sessions.ts';
import type { DescribeTakeover } from './describe-takeover.ts';

interface Dependencies extends CommandHandling {
  accessTokens: AccessTokens;
  sessionCache: SessionCache;
  directory: Directory;
  clock: Clock;
  cacheSessions: CacheSessions;
  describeTakeover: DescribeTakeover;
}

export type CheckSession = (accessToken: string) => Promise<SessionRecord>;

const problemOf: Record<Exclude<SessionStatus, 'active'>, DomainErrorCode> = {
  suspended: 'session-suspended',
  superseded: 'session-superseded',
  revoked: 'session-revoked',
  'expired-idle': 'session-idle',
  'expired-absolute': 'session-expired',
};

/** Who calls: the token is genuine and its session is active now. Every other state is a problem of its own. */
export function checkSession(deps: Dependencies): CheckSession {
  const load = streamLoader(deps, sessions);
  return async (accessToken) => {
    const { accessTokens, clock } = deps;
    const now = clock();
    const claims = await accessTokens.verify(accessToken, now);
    if (claims === undefined) throw new DomainError('session-required');
    const { userId, sessionId } = claims;
    const found = await lookUp(userId, sessionId, now);
    if (found === undefined) throw new DomainError('session-required');
    const { record, lastUsedAt } = found;
    if (record.status !== 'active') return refuse(record);
    if (record.teamId !== claims.teamId) return inTeamOf(claims, record);
    if (Date.parse(record.expiresAt) <= now.getTime()) throw new DomainError('session-expired');
    const idleFor = now.getTime() - lastUsedAt.getTime();
    if (idleFor > record.idleTimeoutSeconds * 1000) throw new DomainError('session-idle');
    return record;
  };

  async function lookUp(userId: string, sessionId: string, now: Date) {
    try {
      const cached = await deps.sessionCache.use(sessionId, now);
      if (cached) return cached;
      await deps.cacheSessions(await load(streams.sessions(userId)));
      return await deps.sessionCache.use(sessionId, now);
    } catch (error) {
      if (!(error instanceof Unavailable) || error.what !== 'session-store') throw error;
      const record = await deps.directory.session(sessionId);
      return record && { record, lastUsedAt: now };
    }
  }

  /** A copy may be older than the token, so the stream decides which of the two is out of date. */
  async function inTeamOf(
    { userId, sessionId, teamId }: AccessTokenClaims,
    copy: SessionRecord,
  ): Promise<SessionRecord> {
    const { state } = await load(streams.sessions(userId));
    const session = activeSessions(state).find((known) => known.sessionId === sessionId);
    if (session?.teamId !== teamId) throw new DomainError('session-team-changed');
    return { ...copy, teamId, roleId: session.roleId };
  }

  async function refuse(record: SessionRecord): Promise<never> {
    if (record.status === 'active') throw new Error('an active session is not refused');
    const details = record.status === 'superseded' ? await deps.describeTakeover(record) : {};
    const endedAt = record.endedAt === undefined ? {} : { endedAt: record.endedAt };
    throw new DomainError(problemOf[record.status], { ...endedAt, ...details });
  }
}
