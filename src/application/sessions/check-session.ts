import { DomainError, type DomainErrorCode } from '../../domain/errors.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { activeSessions } from '../../domain/sessions/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import type { AccessTokenClaims, AccessTokens, Clock, SessionRecord, SessionStatus } from '../ports.ts';
import type { TeamEpoch } from '../session-cache.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { DescribeTakeover } from './describe-takeover.ts';
import type { LookUpSession } from './look-up-session.ts';

interface Dependencies extends CommandHandling {
  accessTokens: AccessTokens;
  clock: Clock;
  lookUpSession: LookUpSession;
  describeTakeover: DescribeTakeover;
}

export interface CheckedSession extends SessionRecord {
  /** What the rights in the session's team rest on. */
  readonly teamEpoch: TeamEpoch;
}

export type CheckSession = (accessToken: string) => Promise<CheckedSession>;

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
    const found = await deps.lookUpSession(claims, now);
    if (found === undefined) throw new DomainError('session-required');
    const { record, lastUsedAt, teamEpoch } = found;
    if (record.status !== 'active') return refuse(record);
    if (record.teamId !== claims.teamId) return { ...(await inTeamOf(claims, record)), teamEpoch };
    if (Date.parse(record.expiresAt) <= now.getTime()) throw new DomainError('session-expired');
    const idleFor = now.getTime() - lastUsedAt.getTime();
    if (idleFor > record.idleTimeoutSeconds * 1000) throw new DomainError('session-idle');
    return { ...record, teamEpoch };
  };

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
