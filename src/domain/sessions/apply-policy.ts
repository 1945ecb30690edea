import type { SessionsEvent } from './events.ts';
import type { Session, SessionsState } from './state.ts';

/** The sessions that are in this team end after so long without use. */
export interface ApplySessionPolicy {
  type: 'ApplySessionPolicy';
  teamId: string;
  idleTimeoutSeconds: number;
  now: Date;
}

export function applyPolicy(
  { teamId, idleTimeoutSeconds, now }: ApplySessionPolicy,
  state: SessionsState,
): readonly SessionsEvent[] {
  return state.active
    .filter((session) => session.teamId === teamId && session.idleTimeoutSeconds !== idleTimeoutSeconds)
    .map((session) => policyApplied(session, { teamId, idleTimeoutSeconds }, now));
}

export function policyApplied(
  { sessionId, userId }: Session,
  { teamId, idleTimeoutSeconds }: { teamId: string; idleTimeoutSeconds: number },
  now: Date,
): SessionsEvent {
  return {
    type: 'SessionPolicyApplied',
    data: { sessionId, userId, teamId, idleTimeoutSeconds, at: now.toISOString() },
  };
}
