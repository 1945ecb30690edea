import { DomainError } from '../errors.ts';
import { isPast } from '../time.ts';
import { policyApplied } from './apply-policy.ts';
import type { SessionsEvent } from './events.ts';
import { endedAs } from './refresh.ts';
import { sessionIn, type Session, type SessionsState } from './state.ts';

/** A team that a session goes on in, with the role of its person and the team's idle timeout. */
export interface Destination {
  readonly teamId: string;
  readonly roleId: string;
  readonly idleTimeoutSeconds: number;
}

/** The caller has made sure that the person is a member of the team. */
export interface SwitchTeam extends Destination {
  type: 'SwitchTeam';
  sessionId: string;
  now: Date;
}

/** Nothing where the session is in that team already. The role may have changed since: it is looked up, never kept. */
export function switchTeam(command: SwitchTeam, state: SessionsState): readonly SessionsEvent[] {
  const session = sessionIn(state, command.sessionId);
  if (session === undefined) throw new DomainError('session-required');
  if (session.status !== 'active') throw new DomainError(endedAs[session.status]);
  if (isPast(session.expiresAt, command.now)) throw new DomainError('session-expired');
  return session.teamId === command.teamId ? [] : movedTo(session, command, command.now);
}

export function movedTo(
  session: Session,
  { teamId, roleId, idleTimeoutSeconds }: Destination,
  now: Date,
): readonly SessionsEvent[] {
  const { sessionId, userId, teamId: fromTeamId } = session;
  const data = { sessionId, userId, fromTeamId, teamId, roleId, at: now.toISOString() };
  const keepsPolicy = session.idleTimeoutSeconds === idleTimeoutSeconds;
  return [
    { type: 'SessionTeamSwitched', data },
    ...(keepsPolicy ? [] : [policyApplied(session, { teamId, idleTimeoutSeconds }, now)]),
  ];
}
