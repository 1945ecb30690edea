import type { InvitedRegistrationSubmitted, RegistrationSubmitted, UserEvent } from './events.ts';
import { freshPassword, withLinksClosed, withReset, type PasswordFacts } from './password-state.ts';

/** Mails cross: the link before the newest one is good until its own end. */
const linksKept = 2;

export interface Verification {
  readonly verificationId: string;
  readonly expiresAt: string;
}

interface Account {
  readonly userId: string;
  readonly emailHash: string;
  readonly credentialId: string;
  /** The device that registered. */
  readonly deviceId: string;
  readonly registeredAt: string;
}

interface Registration extends Account {
  readonly teamId: string;
}

export interface FailureCount {
  /** Wrong passwords in a row since the last lock. */
  readonly failedLogins: number;
  readonly lockedUntil: string | null;
  /** Locks without a successful login between them. */
  readonly locksInARow: number;
}

/** The count is that of everything but trusted devices, each of which has its own, oldest failure first. */
interface LoginFailures extends FailureCount {
  readonly deviceFailures: readonly DeviceFailures[];
}

export interface DeviceFailures extends FailureCount {
  readonly deviceId: string;
}

export type SubmittedUser = { readonly status: 'submitted' } & Registration;

/** `verifications`: the links that are good, newest last. */
export type PendingUser = {
  readonly status: 'pending';
  readonly verifications: readonly Verification[];
} & Registration &
  LoginFailures;

/** What administrators of the platform have decided about an account. */
export interface Standing {
  readonly lockedByAdministrator: boolean;
  readonly deactivated: boolean;
}

export type ActiveUser = { readonly status: 'active' } & Account & LoginFailures & PasswordFacts & Standing;

/** On the way from the link of an invitation to an account. */
export type InvitedUser = {
  readonly status: 'invited';
  readonly invitationId: string;
  readonly tokenId: string;
} & Account;

export type UserState =
  | { readonly status: 'unknown' }
  | SubmittedUser
  | InvitedUser
  | PendingUser
  | ActiveUser
  | { readonly status: 'refused' }
  | { readonly status: 'lapsed' }
  | ErasedUser;

export interface ErasedUser {
  readonly status: 'erased';
  readonly emailHash: string;
  readonly receiptId: string;
  readonly erasedAt: string;
}

export const initialState: UserState = { status: 'unknown' };

const noFailures: FailureCount = { failedLogins: 0, lockedUntil: null, locksInARow: 0 };
const goodStanding: Standing = { lockedByAdministrator: false, deactivated: false };
/** As many as there can be trusted devices. */
const deviceFailuresKept = 200;

type DataOf<Type extends UserEvent['type']> = Extract<UserEvent, { type: Type }>['data'];

const steps: { readonly [Type in UserEvent['type']]: (state: UserState, data: DataOf<Type>) => UserState } = {
  RegistrationSubmitted: submitted,
  UserRegistered: withLink,
  VerificationRequested: withLink,
  InvitedRegistrationSubmitted: invited,
  InvitedUserRegistered: admitted,
  RegistrationRefused: () => ({ status: 'refused' }),
  InvitedRegistrationRefused: () => ({ status: 'refused' }),
  EmailVerified: verified,
  RegistrationLapsed: () => ({ status: 'lapsed' }),
  LoginFailed: (state, { reason }) => withFailure(state, reason === 'wrong-password'),
  AccountLocked: (state, { until }) => locked(state, until),
  LoginFailuresCleared: cleared,
  DeviceLoginFailed: (state, { deviceId, reason }) =>
    withDevice(state, deviceId, (known) => counted(known, reason === 'wrong-password')),
  DeviceLoginLocked: (state, { deviceId, until }) => withDevice(state, deviceId, (known) => lockedUntil(known, until)),
  DeviceLoginFailuresCleared: (state, { deviceId }) => withDevice(state, deviceId, () => undefined),
  PasswordResetIssued: (state, { resetId, expiresAt }) =>
    ofActive(state, ({ resets }) => ({ resets: withReset(resets, resetId, expiresAt) })),
  PasswordChangeOffered: (state, { changeId, expiresAt }) =>
    ofActive(state, () => ({ changeOffer: { linkId: changeId, expiresAt, open: true } })),
  PasswordChangeForced: (state) =>
    ofActive(state, (known) => ({ ...withLinksClosed(known), mustChangePassword: true })),
  PasswordChanged: (state, { credentialId }) =>
    ofActive(state, (known) => ({
      ...withLinksClosed(known),
      ...noFailures,
      deviceFailures: [],
      mustChangePassword: false,
      credentialId,
    })),
  PasswordRehashed: (state) => state,
  UserLocked: (state) => ofActive(state, (known) => ({ ...withLinksClosed(known), lockedByAdministrator: true })),
  UserUnlocked: (state) => ofActive(state, () => ({ lockedByAdministrator: false, ...noFailures, deviceFailures: [] })),
  UserDeactivated: (state) => ofActive(state, (known) => ({ ...withLinksClosed(known), deactivated: true })),
  UserReactivated: (state) => ofActive(state, () => ({ deactivated: false })),
  ErasureRequested: (state) => state,
  UserErased: (_state, { emailHash, receiptId, at }) => ({ status: 'erased', emailHash, receiptId, erasedAt: at }),
};

export function evolve(state: UserState, event: UserEvent): UserState {
  return (steps[event.type] as (state: UserState, data: typeof event.data) => UserState)(state, event.data);
}

function submitted(state: UserState, data: RegistrationSubmitted['data']): UserState {
  if (state.status !== 'unknown') return state;
  const { userId, emailHash, teamId, credentialId, deviceId, at } = data;
  return { status: 'submitted', userId, emailHash, teamId, credentialId, deviceId, registeredAt: at };
}

function invited(state: UserState, data: InvitedRegistrationSubmitted['data']): UserState {
  if (state.status !== 'unknown') return state;
  const { userId, emailHash, credentialId, deviceId, invitationId, tokenId, at } = data;
  return { status: 'invited', userId, emailHash, credentialId, deviceId, invitationId, tokenId, registeredAt: at };
}

function admitted(state: UserState): UserState {
  if (state.status !== 'invited') return state;
  const { userId, emailHash, credentialId, deviceId, registeredAt } = state;
  const account = { userId, emailHash, credentialId, deviceId, registeredAt };
  return { status: 'active', ...account, ...noFailures, deviceFailures: [], ...freshPassword, ...goodStanding };
}

function withLink(
  state: UserState,
  { verificationId, verificationExpiresAt }: DataOf<'VerificationRequested'>,
): UserState {
  const link = { verificationId, expiresAt: verificationExpiresAt };
  if (state.status === 'submitted') {
    return { ...state, ...noFailures, deviceFailures: [], status: 'pending', verifications: [link] };
  }
  if (state.status !== 'pending') return state;
  return { ...state, verifications: [...state.verifications, link].slice(-linksKept) };
}

function verified(state: UserState): UserState {
  if (state.status !== 'pending') return state;
  const { userId, emailHash, credentialId, deviceId, registeredAt } = state;
  const { failedLogins, lockedUntil, locksInARow, deviceFailures } = state;
  const account = { userId, emailHash, credentialId, deviceId, registeredAt };
  const failures = { failedLogins, lockedUntil, locksInARow, deviceFailures };
  return { status: 'active', ...account, ...failures, ...freshPassword, ...goodStanding };
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

/** `change` answers `undefined` where nothing is left to count. */
function withDevice(
  state: UserState,
  deviceId: string,
  change: (known: FailureCount) => FailureCount | undefined,
): UserState {
  if (!hasPassword(state)) return state;
  const others = state.deviceFailures.filter((known) => known.deviceId !== deviceId);
  const changed = change(failuresOn(state, deviceId));
  if (changed === undefined) return { ...state, deviceFailures: others };
  const { failedLogins, lockedUntil: until, locksInARow } = changed;
  const counted = { deviceId, failedLogins, lockedUntil: until, locksInARow };
  return { ...state, deviceFailures: [...others, counted].slice(-deviceFailuresKept) };
}

function counted(known: FailureCount, counts: boolean): FailureCount {
  return { ...known, failedLogins: known.failedLogins + (counts ? 1 : 0) };
}

function lockedUntil(known: FailureCount, until: string): FailureCount {
  return { failedLogins: 0, lockedUntil: until, locksInARow: known.locksInARow + 1 };
}

export function failuresOn(state: PendingUser | ActiveUser, deviceId: string): FailureCount {
  return state.deviceFailures.find((known) => known.deviceId === deviceId) ?? noFailures;
}

function ofActive(state: UserState, change: (known: ActiveUser) => Partial<ActiveUser>): UserState {
  return state.status === 'active' ? { ...state, ...change(state) } : state;
}

/** Whether a login can be tried against this user. */
export function hasPassword(state: UserState): state is PendingUser | ActiveUser {
  return state.status === 'pending' || state.status === 'active';
}

/** Why an account gives no way in at present, whatever its person proves; `undefined` where it does. */
export function barOf(state: UserState): 'account-locked' | 'account-deactivated' | undefined {
  if (state.status !== 'active') return undefined;
  if (state.lockedByAdministrator) return 'account-locked';
  return state.deactivated ? 'account-deactivated' : undefined;
}

/** How often the password became another one, or worthless: a login that began before such a time must not go on. */
export function passwordGenerationOf(state: UserState): number {
  return state.status === 'active' ? state.passwordGeneration : 0;
}

export function credentialIdOf(state: UserState): string | undefined {
  return hasPassword(state) ? state.credentialId : undefined;
}
