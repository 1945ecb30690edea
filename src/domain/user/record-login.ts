import { isPast, later, minuteMs } from '../time.ts';
import type { UserEvent } from './events.ts';
import {
  barOf,
  failuresOn,
  hasPassword,
  type ActiveUser,
  type FailureCount,
  type PendingUser,
  type UserState,
} from './state.ts';

const failuresToLock = 10;
const firstLockMinutes = 15;
const longestLockMinutes = 24 * 60;

/** The verdict on a password. The login may go on when `failureIn` finds nothing in what follows. */
export interface RecordLogin {
  type: 'RecordLogin';
  userId: string;
  loginId: string;
  passwordMatches: boolean;
  /** Where the login comes from, if that is a device which the person trusts; `null` for everything else. */
  trustedDeviceId: string | null;
  now: Date;
}

/** What the rules make of an attempt, whichever counter it belongs to. */
type Verdict =
  | 'locked'
  | 'account-locked'
  | 'account-deactivated'
  | 'wrong-password'
  | 'email-not-verified'
  | 'password-change-required'
  | 'clears'
  | 'good';

/**
 * Guesses from anywhere lock everything but the devices that the person trusts; guesses on one of those lock that one.
 * So nobody is locked out of a trusted device by strangers. A failed login is a fact to record, so it is an event and
 * not an error.
 */
export function recordLogin(command: RecordLogin, state: UserState): readonly UserEvent[] {
  if (!hasPassword(state)) throw new Error(`a login of user ${command.userId}, who is ${state.status}, is recorded`);
  const { trustedDeviceId } = command;
  const failures = trustedDeviceId === null ? state : failuresOn(state, trustedDeviceId);
  const verdict = verdictOf(command, failures, state);
  const lock = verdict === 'wrong-password' ? lockDue(failures, command.now) : undefined;
  return trustedDeviceId === null
    ? elsewhere(command, verdict, lock)
    : onDevice(command, trustedDeviceId, verdict, lock);
}

function verdictOf(
  { passwordMatches, now }: RecordLogin,
  failures: FailureCount,
  state: PendingUser | ActiveUser,
): Verdict {
  const bar = barOf(state);
  if (bar === 'account-locked') return bar;
  if (failures.lockedUntil !== null && !isPast(failures.lockedUntil, now)) return 'locked';
  if (!passwordMatches) return 'wrong-password';
  // Only whoever knows the password is told.
  if (bar !== undefined) return bar;
  return verdictOnMatch(failures, state);
}

function verdictOnMatch(failures: FailureCount, state: PendingUser | ActiveUser): Verdict {
  if (state.status === 'pending') return 'email-not-verified';
  if (state.mustChangePassword) return 'password-change-required';
  return failures.failedLogins === 0 && failures.locksInARow === 0 ? 'good' : 'clears';
}

interface Lock {
  readonly until: string;
  readonly lockMinutes: number;
}

function lockDue({ failedLogins, locksInARow }: FailureCount, now: Date): Lock | undefined {
  if (failedLogins + 1 < failuresToLock) return undefined;
  const lockMinutes = Math.min(firstLockMinutes * 2 ** locksInARow, longestLockMinutes);
  return { until: later(now, lockMinutes * minuteMs), lockMinutes };
}

function elsewhere(
  { userId, loginId, now }: RecordLogin,
  verdict: Verdict,
  lock: Lock | undefined,
): readonly UserEvent[] {
  const at = now.toISOString();
  if (verdict === 'good') return [];
  if (verdict === 'clears') return [{ type: 'LoginFailuresCleared', data: { userId, loginId, at } }];
  const reason = verdict === 'locked' ? 'account-locked' : verdict;
  const failed: UserEvent = { type: 'LoginFailed', data: { userId, loginId, reason, at } };
  return lock ? [failed, { type: 'AccountLocked', data: { userId, ...lock, at } }] : [failed];
}

function onDevice(
  { userId, loginId, now }: RecordLogin,
  deviceId: string,
  verdict: Verdict,
  lock: Lock | undefined,
): readonly UserEvent[] {
  const at = now.toISOString();
  if (verdict === 'good') return [];
  if (verdict === 'clears') return [{ type: 'DeviceLoginFailuresCleared', data: { userId, loginId, deviceId, at } }];
  const reason = verdict === 'locked' ? 'device-locked' : verdict;
  const failed: UserEvent = { type: 'DeviceLoginFailed', data: { userId, loginId, deviceId, reason, at } };
  return lock ? [failed, { type: 'DeviceLoginLocked', data: { userId, deviceId, ...lock, at } }] : [failed];
}

export type LoginFailure = Extract<UserEvent, { type: 'LoginFailed' | 'DeviceLoginFailed' }>;

export function failureIn(events: readonly UserEvent[]): LoginFailure | undefined {
  return events.find((event) => event.type === 'LoginFailed' || event.type === 'DeviceLoginFailed');
}
