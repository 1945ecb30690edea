import { DomainError, type DomainErrorCode } from '../errors.ts';
import { elapsedMs, isPast, secondMs } from '../time.ts';
import type { SessionsEvent } from './events.ts';
import { sessionIn, type Session, type SessionStatus, type SessionsState } from './state.ts';

/** Two tabs, or an answer lost on the way: the token before the newest one is honoured for so long. */
const graceSeconds = 30;

export interface RefreshSession {
  type: 'RefreshSession';
  sessionId: string;
  /** Of the token that was presented. */
  generation: number;
  /** `null` when it is not known: then the session is not taken for idle. */
  lastUsedAt: Date | null;
  now: Date;
}

export const endedAs: Record<Exclude<SessionStatus, 'active'>, DomainErrorCode> = {
  suspended: 'session-suspended',
  superseded: 'session-superseded',
  revoked: 'session-revoked',
  'expired-idle': 'session-idle',
  'expired-absolute': 'session-expired',
};

/**
 * Rotation with reuse detection (RFC 9700 §4.14.2). Nothing within the grace: the caller hands out the newest
 * generation again. A token older than that revokes the session.
 */
export function refresh(command: RefreshSession, state: SessionsState): readonly SessionsEvent[] {
  const { generation, now } = command;
  const session = refreshable(command, state);
  const { sessionId, userId, teamId } = session;
  const at = now.toISOString();
  if (generation === session.generation) {
    return [{ type: 'SessionRefreshed', data: { sessionId, userId, teamId, generation: generation + 1, at } }];
  }
  if (generation === session.generation - 1 && elapsedMs(session.generationAt, now) <= graceSeconds * secondMs) {
    return [];
  }
  return [{ type: 'SessionRevoked', data: { sessionId, userId, teamId, reason: 'refresh-token-reused', at } }];
}

function refreshable({ sessionId, generation, lastUsedAt, now }: RefreshSession, state: SessionsState): Session {
  const session = sessionIn(state, sessionId);
  if (session === undefined) throw new DomainError('refresh-token-invalid');
  if (session.status !== 'active') throw new DomainError(endedAs[session.status]);
  if (isPast(session.expiresAt, now)) throw new DomainError('session-expired');
  if (isIdle(session, lastUsedAt, now)) throw new DomainError('session-idle');
  if (generation < 0 || generation > session.generation) throw new DomainError('refresh-token-invalid');
  return session;
}

/** A refresh is a use too, also where the record of uses has missed it. */
export function isIdle(session: Session, lastUsedAt: Date | null, now: Date): boolean {
  if (lastUsedAt === null) return false;
  const unusedMs = Math.min(elapsedMs(lastUsedAt, now), elapsedMs(session.generationAt, now));
  return unusedMs > session.idleTimeoutSeconds * secondMs;
}
