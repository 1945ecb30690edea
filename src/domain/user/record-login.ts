import { isPast, later, minuteMs } from '../time.ts';
import type { LoginFailureReason, UserEvent } from './events.ts';
import { hasPassword, type ActiveUser, type PendingUser, type UserState } from './state.ts';

const failuresToLock = 10;
const firstLockMinutes = 15;
const longestLockMinutes = 24 * 60;

/** The verdict on a password. The login may go on when no `LoginFailed` follows. */
export interface RecordLogin {
  type: 'RecordLogin';
  userId: string;
  loginId: string;
  passwordMatches: boolean;
  now: Date;
}

// A failed login is a fact to record, so it is an event and not an error.
export function recordLogin(command: RecordLogin, state: UserState): readonly UserEvent[] {
  if (!hasPassword(state)) throw new Error(`a login of user ${command.userId}, who is ${state.status}, is recorded`);
  if (state.lockedUntil !== null && !isPast(state.lockedUntil, command.now)) return [failed(command, 'account-locked')];
  if (!command.passwordMatches) return [failed(command, 'wrong-password'), ...lockIfDue(command, state)];
  if (state.status === 'pending') return [failed(command, 'email-not-verified')];
  if (state.failedLogins === 0 && state.locksInARow === 0) return [];
  const { userId, loginId, now } = command;
  return [{ type: 'LoginFailuresCleared', data: { userId, loginId, at: now.toISOString() } }];
}

function failed({ userId, loginId, now }: RecordLogin, reason: LoginFailureReason): UserEvent {
  return { type: 'LoginFailed', data: { userId, loginId, reason, at: now.toISOString() } };
}

function lockIfDue({ userId, now }: RecordLogin, state: PendingUser | ActiveUser): readonly UserEvent[] {
  if (state.failedLogins + 1 < failuresToLock) return [];
  const lockMinutes = Math.min(firstLockMinutes * 2 ** state.locksInARow, longestLockMinutes);
  const until = later(now, lockMinutes * minuteMs);
  return [{ type: 'AccountLocked', data: { userId, until, lockMinutes, at: now.toISOString() } }];
}
