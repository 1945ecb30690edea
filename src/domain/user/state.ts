import type { RegistrationSubmitted, UserEvent } from './events.ts';

/** Mails cross: the link before the newest one is good until its own end. */
const linksKept = 2;

export interface Verification {
  readonly verificationId: string;
  readonly expiresAt: string;
}

interface Registration {
  readonly userId: string;
  readonly emailHash: string;
  readonly teamId: string;
  readonly credentialId: string;
  /** The device that registered. */
  readonly deviceId: string;
  readonly registeredAt: string;
}

interface LoginFailures {
  /** Wrong passwords in a row since the last lock. */
  readonly failedLogins: number;
  readonly lockedUntil: string | null;
  /** Locks without a successful login between them. */
  readonly locksInARow: number;
}

export type SubmittedUser = { readonly status: 'submitted' } & Registration;

/** `verifications`: the links that are good, newest last. */
export type PendingUser = {
  readonly status: 'pending';
  readonly verifications: readonly Verification[];
} & Registration &
  LoginFailures;

export type ActiveUser = { readonly status: 'active' } & Registration & LoginFailures;

export type UserState =
  | { readonly status: 'unknown' }
  | SubmittedUser
  | PendingUser
  | ActiveUser
  | { readonly status: 'refused' }
  | { readonly status: 'lapsed' };

export const initialState: UserState = { status: 'unknown' };

const noFailures: LoginFailures = { failedLogins: 0, lockedUntil: null, locksInARow: 0 };

export function evolve(state: UserState, event: UserEvent): UserState {
  switch (event.type) {
    case 'RegistrationSubmitted':
      return submitted(state, event.data);
    case 'UserRegistered':
    case 'VerificationRequested':
      return withLink(state, event.data.verificationId, event.data.verificationExpiresAt);
    case 'RegistrationRefused':
      return { status: 'refused' };
    case 'EmailVerified':
      return verified(state);
    case 'RegistrationLapsed':
      return { status: 'lapsed' };
    case 'LoginFailed':
      return withFailure(state, event.data.reason === 'wrong-password');
    case 'AccountLocked':
      return locked(state, event.data.until);
    case 'LoginFailuresCleared':
      return cleared(state);
  }
}

function submitted(state: UserState, data: RegistrationSubmitted['data']): UserState {
  if (state.status !== 'unknown') return state;
  const { userId, emailHash, teamId, credentialId, deviceId, at } = data;
  return { status: 'submitted', userId, emailHash, teamId, credentialId, deviceId, registeredAt: at };
}

function withLink(state: UserState, verificationId: string, expiresAt: string): UserState {
  const link = { verificationId, expiresAt };
  if (state.status === 'submitted') return { ...state, ...noFailures, status: 'pending', verifications: [link] };
  if (state.status !== 'pending') return state;
  return { ...state, verifications: [...state.verifications, link].slice(-linksKept) };
}

function verified(state: UserState): UserState {
  if (state.status !== 'pending') return state;
  const { userId, emailHash, teamId, credentialId, deviceId, registeredAt } = state;
  const { failedLogins, lockedUntil, locksInARow } = state;
  const registration = { userId, emailHash, teamId, credentialId, deviceId, registeredAt };
  return { status: 'active', ...registration, failedLogins, lockedUntil, locksInARow };
}

function withFailure(state: UserState, counts: boolean): UserState {
  return counts && hasPassword(state) ? { ...state, failedLogins: state.failedLogins + 1 } : state;
}

function locked(state: UserState, until: string): UserState {
  if (!hasPassword(state)) return state;
  return { ...state, failedLogins: 0, lockedUntil: until, locksInARow: state.locksInARow + 1 };
}

function cleared(state: UserState): UserState {
  return hasPassword(state) ? { ...state, ...noFailures } : state;
}

/** Whether a login can be tried against this user. */
export function hasPassword(state: UserState): state is PendingUser | ActiveUser {
  return state.status === 'pending' || state.status === 'active';
}

export function credentialIdOf(state: UserState): string | undefined {
  return hasPassword(state) ? state.credentialId : undefined;
}
