import type { Transport } from '../login/events.ts';
import type { SessionsEvent, SessionStarted } from './events.ts';

/** So many ended sessions are remembered, so that their clients are told why; a week of logins of most people. */
const endedKept = 20;

export type SessionStatus = 'active' | 'suspended' | 'superseded' | 'revoked' | 'expired-idle' | 'expired-absolute';

export interface Session {
  readonly sessionId: string;
  readonly userId: string;
  readonly teamId: string;
  readonly roleId: string;
  readonly deviceId: string;
  readonly loginId: string;
  readonly remember: boolean;
  readonly transport: Transport;
  readonly idleTimeoutSeconds: number;
  readonly startedAt: string;
  readonly expiresAt: string;
  /** Of the newest refresh token, and when that was handed out. */
  readonly generation: number;
  readonly generationAt: string;
  /** Only while it is held back. */
  readonly suspendedAt?: string;
}

export interface EndedSession extends Session {
  readonly status: Exclude<SessionStatus, 'active' | 'suspended'>;
  readonly endedAt: string;
  /** Only where another session took over. */
  readonly endedBySessionId?: string;
}

/** Both oldest first. */
export interface SessionsState {
  readonly active: readonly Session[];
  readonly ended: readonly EndedSession[];
}

export const initialState: SessionsState = { active: [], ended: [] };

export function evolve(state: SessionsState, event: SessionsEvent): SessionsState {
  switch (event.type) {
    case 'SessionStarted':
      return started(state, event.data);
    case 'SessionRefreshed':
      return refreshed(state, event.data);
    case 'SessionTeamSwitched':
      return switched(state, event.data);
    case 'SessionPolicyApplied': {
      const { sessionId, idleTimeoutSeconds } = event.data;
      return changed(state, sessionId, (session) => ({ ...session, idleTimeoutSeconds }));
    }
    case 'SessionSuspended':
      return changed(state, event.data.sessionId, (session) => ({ ...session, suspendedAt: event.data.at }));
    case 'SessionResumed':
      return changed(state, event.data.sessionId, ({ suspendedAt: _over, ...session }) => session);
    case 'SessionSuperseded':
      return ended(state, event.data, { status: 'superseded', endedBySessionId: event.data.bySessionId });
    case 'SessionRevoked':
      return ended(state, event.data, { status: 'revoked' });
    case 'SessionExpired':
      return ended(state, event.data, { status: `expired-${event.data.cause}` });
  }
}

function started(state: SessionsState, { at, ...data }: SessionStarted['data']): SessionsState {
  if (sessionIn(state, data.sessionId) !== undefined) return state;
  return { ...state, active: [...state.active, { ...data, startedAt: at, generation: 0, generationAt: at }] };
}

function refreshed(
  state: SessionsState,
  { sessionId, generation, at }: { sessionId: string; generation: number; at: string },
): SessionsState {
  const active = state.active.map((session) =>
    session.sessionId === sessionId ? { ...session, generation, generationAt: at } : session,
  );
  return { ...state, active };
}

function switched(
  state: SessionsState,
  { sessionId, teamId, roleId }: { sessionId: string; teamId: string; roleId: string },
): SessionsState {
  const active = state.active.map((session) =>
    session.sessionId === sessionId ? { ...session, teamId, roleId } : session,
  );
  return { ...state, active };
}

function changed(state: SessionsState, sessionId: string, change: (session: Session) => Session): SessionsState {
  return { ...state, active: state.active.map((known) => (known.sessionId === sessionId ? change(known) : known)) };
}

function ended(
  state: SessionsState,
  { sessionId, at }: { sessionId: string; at: string },
  how: Pick<EndedSession, 'status' | 'endedBySessionId'>,
): SessionsState {
  const session = state.active.find((known) => known.sessionId === sessionId);
  if (session === undefined) return state;
  return {
    active: state.active.filter((known) => known !== session),
    ended: [...state.ended, { ...session, ...how, endedAt: at }].slice(-endedKept),
  };
}

export type KnownSession =
  (Session & { readonly status: 'active' | 'suspended'; readonly endedAt?: never }) | EndedSession;

/** `undefined` for a session of somebody else, or one that ended so long ago that it is forgotten. */
export function sessionIn(state: SessionsState, sessionId: string): KnownSession | undefined {
  const active = state.active.find((known) => known.sessionId === sessionId);
  if (active !== undefined) return { ...active, status: active.suspendedAt === undefined ? 'active' : 'suspended' };
  return state.ended.find((known) => known.sessionId === sessionId);
}

/**
 * Whether the session of a login may have ended so long ago that it is not remembered: it must not start once more when
 * what follows from the login is repeated. All that are forgotten ended before those that are remembered.
 */
export function mayBeForgotten({ ended: known }: SessionsState, completedAt: Date): boolean {
  const [oldest] = known;
  return known.length >= endedKept && oldest !== undefined && completedAt.getTime() <= Date.parse(oldest.endedAt);
}

/** It has not ended, though it may be held back. */
export function isRunning({ status }: KnownSession): boolean {
  return status === 'active' || status === 'suspended';
}

/** Oldest first; one whose time is over counts until that is recorded. */
export function activeSessions(state: SessionsState): readonly Session[] {
  return state.active;
}
