import type { Decider } from '../decider.ts';
import type { Transport } from '../login/events.ts';
import { dayMs, isPast, later } from '../time.ts';
import { applyPolicy, type ApplySessionPolicy } from './apply-policy.ts';
import type { SessionsEvent } from './events.ts';
import { leaveTeam, type LeaveTeam } from './leave-team.ts';
import { isIdle, refresh, type RefreshSession } from './refresh.ts';
import {
  evolve,
  initialState,
  isRunning,
  mayBeForgotten,
  sessionIn,
  type Session,
  type SessionsState,
} from './state.ts';
import { isRevocation, revoke, type Revocation } from './revoke.ts';
import { suspendOrResume, type SuspendSession } from './suspend.ts';
import { switchTeam, type SwitchTeam } from './switch-team.ts';

const rememberedDays = 7;
const plainDays = 1;

export type SessionsCommand =
  | {
      type: 'StartSession';
      sessionId: string;
      userId: string;
      teamId: string;
      roleId: string;
      deviceId: string;
      loginId: string;
      /** When the login was completed that it follows from. */
      completedAt: Date;
      remember: boolean;
      transport: Transport;
      idleTimeoutSeconds: number;
      maxSessions: number;
      now: Date;
    }
  | RefreshSession
  | Revocation
  | SuspendSession
  | SwitchTeam
  | LeaveTeam
  | ApplySessionPolicy
  /** `lastUsedAt` is `null` when it is not known: then only the absolute end counts. */
  | { type: 'ExpireSession'; sessionId: string; lastUsedAt: Date | null; now: Date };

type CommandOf<Type extends SessionsCommand['type']> = Extract<SessionsCommand, { type: Type }>;

function decide(command: SessionsCommand, state: SessionsState): readonly SessionsEvent[] {
  if (isRevocation(command)) return revoke(command, state);
  switch (command.type) {
    case 'StartSession':
      return start(command, state);
    case 'RefreshSession':
      return refresh(command, state);
    case 'SuspendSession':
    case 'ResumeSession':
      return suspendOrResume(command, state);
    case 'SwitchTeam':
      return switchTeam(command, state);
    case 'LeaveTeam':
      return leaveTeam(command, state);
    case 'ApplySessionPolicy':
      return applyPolicy(command, state);
    case 'ExpireSession':
      return expire(command, state);
  }
}

// The old sessions end and the new one begins in one append: no moment shows more than `maxSessions`.
function start(command: CommandOf<'StartSession'>, state: SessionsState): readonly SessionsEvent[] {
  const { sessionId, completedAt, maxSessions, now } = command;
  if (sessionIn(state, sessionId) !== undefined || mayBeForgotten(state, completedAt)) return [];
  const over = state.active.filter(({ expiresAt }) => isPast(expiresAt, now));
  const running = state.active.filter(({ expiresAt }) => !isPast(expiresAt, now));
  const leaving = running.slice(0, Math.max(0, running.length - (maxSessions - 1)));
  return [
    ...over.map((old) => expired(old, 'absolute', now)),
    ...leaving.map((old) => superseded(old, command)),
    started(command),
  ];
}

function started(command: CommandOf<'StartSession'>): SessionsEvent {
  const { sessionId, userId, teamId, roleId, deviceId, loginId, now } = command;
  const { remember, transport, idleTimeoutSeconds } = command;
  const expiresAt = later(now, (remember ? rememberedDays : plainDays) * dayMs);
  const who = { sessionId, userId, teamId, roleId, deviceId, loginId };
  const how = { remember, transport, idleTimeoutSeconds, expiresAt, at: now.toISOString() };
  return { type: 'SessionStarted', data: { ...who, ...how } };
}

function superseded({ sessionId, userId, teamId }: Session, by: CommandOf<'StartSession'>): SessionsEvent {
  const data = { sessionId, userId, teamId, bySessionId: by.sessionId, byDeviceId: by.deviceId };
  return { type: 'SessionSuperseded', data: { ...data, at: by.now.toISOString() } };
}

function expire(command: CommandOf<'ExpireSession'>, state: SessionsState): readonly SessionsEvent[] {
  const { sessionId, lastUsedAt, now } = command;
  const session = sessionIn(state, sessionId);
  if (session === undefined || !isRunning(session)) return [];
  if (isPast(session.expiresAt, now)) return [expired(session, 'absolute', now)];
  return isIdle(session, lastUsedAt, now) ? [expired(session, 'idle', now)] : [];
}

function expired({ sessionId, userId, teamId }: Session, cause: 'idle' | 'absolute', now: Date): SessionsEvent {
  return { type: 'SessionExpired', data: { sessionId, userId, teamId, cause, at: now.toISOString() } };
}

export const sessions: Decider<SessionsState, SessionsCommand, SessionsEvent> = {
  initialState,
  evolve,
  decide,
  stateVersion: 3,
};
