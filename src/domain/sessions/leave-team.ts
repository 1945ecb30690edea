import type { SessionsEvent } from './events.ts';
import type { Session, SessionsState } from './state.ts';
import { movedTo, type Destination } from './switch-team.ts';

/** The caller has made sure that the person is no member of the team, and one of the team to go to. */
export interface LeaveTeam {
  type: 'LeaveTeam';
  teamId: string;
  /** All of the person's sessions in the team where nothing is said. */
  sessionId?: string;
  /** `null` where there is no other team: then they end. */
  to: Destination | null;
  reason: 'member-removed' | 'team-closed';
  now: Date;
}

/** What is held back goes along and stays held back. Nothing where no session is in the team. */
export function leaveTeam(command: LeaveTeam, state: SessionsState): readonly SessionsEvent[] {
  const { teamId, sessionId, to, reason, now } = command;
  const isMeant = (session: Session) =>
    session.teamId === teamId && (sessionId === undefined || session.sessionId === sessionId);
  return state.active
    .filter(isMeant)
    .flatMap((session) => (to === null ? [revoked(session, reason, now)] : movedTo(session, to, now)));
}

function revoked({ sessionId, userId, teamId }: Session, reason: LeaveTeam['reason'], now: Date): SessionsEvent {
  return { type: 'SessionRevoked', data: { sessionId, userId, teamId, reason, at: now.toISOString() } };
}
