import type { SessionRevocationReason, SessionsEvent } from './events.ts';
import type { Session, SessionsState } from './state.ts';

export interface RevokeAllSessions {
  type: 'RevokeAllSessions';
  /** The one that goes on, if any. */
  exceptSessionId: string | null;
  /** Later ones go on: for a command that may be repeated long after. All where nothing is said. */
  startedUntil?: string;
  /** And the session of this login, whenever it started. */
  orOfLogin?: string;
  reason: SessionRevocationReason;
  now: Date;
}

export function revokeAll(command: RevokeAllSessions, state: SessionsState): readonly SessionsEvent[] {
  const { exceptSessionId, startedUntil, orOfLogin, reason, now } = command;
  const isMeant = ({ startedAt, loginId }: Session) =>
    startedUntil === undefined || startedAt <= startedUntil || loginId === orOfLogin;
  const leaving = state.active.filter((session) => session.sessionId !== exceptSessionId && isMeant(session));
  return leaving.map(({ sessionId, userId, teamId }) => ({
    type: 'SessionRevoked',
    data: { sessionId, userId, teamId, reason, at: now.toISOString() },
  }));
}
