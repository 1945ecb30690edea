import { DomainError } from '../errors.ts';
import { isPast } from '../time.ts';
import type { SessionsEvent } from './events.ts';
import { endedAs } from './refresh.ts';
import { sessionIn, type SessionsState } from './state.ts';

/** The caller has made sure that the person is a member of the team. */
export interface SwitchTeam {
  type: 'SwitchTeam';
  sessionId: string;
  teamId: string;
  roleId: string;
  now: Date;
}

/** Nothing where the session is in that team already. The role may have changed since: it is looked up, never kept. */
export function switchTeam(command: SwitchTeam, state: SessionsState): readonly SessionsEvent[] {
  const { sessionId, teamId, roleId, now } = command;
  const session = sessionIn(state, sessionId);
  if (session === undefined) throw new DomainError('session-required');
  if (session.status !== 'active') throw new DomainError(endedAs[session.status]);
  if (isPast(session.expiresAt, now)) throw new DomainError('session-expired');
  if (session.teamId === teamId) return [];
  const { userId, teamId: fromTeamId } = session;
  return [
    { type: 'SessionTeamSwitched', data: { sessionId, userId, fromTeamId, teamId, roleId, at: now.toISOString() } },
  ];
}
