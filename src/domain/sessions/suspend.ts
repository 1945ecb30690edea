import type { SessionsEvent } from './events.ts';
import type { SessionsState } from './state.ts';

/**
 * A session is held back until its owner has said whether the login that gave it was theirs. Nothing where the login has
 * given none, or one that is over.
 */
export interface SuspendSession {
  type: 'SuspendSession' | 'ResumeSession';
  loginId: string;
  now: Date;
}

export function suspendOrResume(
  { type, loginId, now }: SuspendSession,
  state: SessionsState,
): readonly SessionsEvent[] {
  const isToSuspend = type === 'SuspendSession';
  const session = state.active.find((known) => known.loginId === loginId);
  if (session === undefined || (session.suspendedAt !== undefined) === isToSuspend) return [];
  const { sessionId, userId, teamId } = session;
  const data = { sessionId, userId, teamId, loginId, at: now.toISOString() };
  return [isToSuspend ? { type: 'SessionSuspended', data } : { type: 'SessionResumed', data }];
}
