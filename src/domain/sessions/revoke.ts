import { DomainError } from '../errors.ts';
import { isPast } from '../time.ts';
import type { SessionRevocationReason, SessionsEvent } from './events.ts';
import { revokeAll, type RevokeAllSessions } from './revoke-all.ts';
import { isRunning, sessionIn, type Session, type SessionsState } from './state.ts';

/** All that ends sessions before their time. What is not active any more stays as it ended. */
export type Revocation =
  /** `teamId`: only a session that is in this team now; any other does not exist for whoever asks. */
  | { type: 'RevokeSession'; sessionId: string; teamId?: string; reason: SessionRevocationReason; now: Date }
  | { type: 'RevokeSessions'; sessionIds: readonly string[]; reason: SessionRevocationReason; now: Date }
  /** `startedBefore`: the command may be repeated long after, when the device is trusted again. */
  | { type: 'RevokeSessionsOfDevice'; deviceId: string; startedBefore?: Date; reason: 'device-removed'; now: Date }
  | RevokeAllSessions;

type CommandOf<Type extends Revocation['type']> = Extract<Revocation, { type: Type }>;

const types: readonly string[] = [
  'RevokeSession',
  'RevokeSessions',
  'RevokeSessionsOfDevice',
  'RevokeAllSessions',
] satisfies Revocation['type'][];

export function isRevocation(command: { readonly type: string }): command is Revocation {
  return types.includes(command.type);
}

export function revoke(command: Revocation, state: SessionsState): readonly SessionsEvent[] {
  switch (command.type) {
    case 'RevokeSession':
      return revokeOne(command, state);
    case 'RevokeSessions':
      return revokeThese(command, state);
    case 'RevokeSessionsOfDevice':
      return revokeOfDevice(command, state);
    case 'RevokeAllSessions':
      return revokeAll(command, state);
  }
}

function revokeOne(command: CommandOf<'RevokeSession'>, state: SessionsState): readonly SessionsEvent[] {
  const { sessionId, reason, now } = command;
  const session = sessionIn(state, sessionId);
  if (session === undefined) throw new DomainError('not-found');
  if (command.teamId !== undefined && command.teamId !== session.teamId) throw new DomainError('not-found');
  return isRunning(session) ? [revoked(session, reason, now)] : [];
}

function revokeThese(
  { sessionIds, reason, now }: CommandOf<'RevokeSessions'>,
  state: SessionsState,
): readonly SessionsEvent[] {
  return state.active.filter(({ sessionId }) => sessionIds.includes(sessionId)).map((old) => revoked(old, reason, now));
}

function revokeOfDevice(
  { deviceId, startedBefore, reason, now }: CommandOf<'RevokeSessionsOfDevice'>,
  state: SessionsState,
): readonly SessionsEvent[] {
  return state.active
    .filter((session) => session.deviceId === deviceId && isPast(session.startedAt, startedBefore ?? now))
    .map((old) => revoked(old, reason, now));
}

function revoked({ sessionId, userId, teamId }: Session, reason: SessionRevocationReason, now: Date): SessionsEvent {
  return { type: 'SessionRevoked', data: { sessionId, userId, teamId, reason, at: now.toISOString() } };
}
