import { DomainError } from '../errors.ts';
import { isPast } from '../time.ts';
import type { LoginDenialReason, LoginEvent, Transport } from './events.ts';
import {
  initialLocation,
  isLocationApprovalDue,
  isLocationEvent,
  relocate,
  type LocationEvent,
  type LocationState,
} from './location-state.ts';

/** Mails cross: the code before the newest one is good until its own end. */
const codesKept = 2;

interface LoginFacts {
  readonly loginId: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly remember: boolean;
  readonly transport: Transport;
  readonly expiresAt: string;
  readonly startedAt: string;
  readonly location: LocationState;
}

export interface DeviceCode {
  readonly codeId: string;
  readonly expiresAt: string;
  readonly at: string;
}

export type WaitingForDevice = LoginFacts & {
  readonly status: 'waiting-device';
  /** Newest last. */
  readonly codes: readonly DeviceCode[];
  readonly codesSent: number;
  /** Wrong codes in this login, whichever code they were meant for. */
  readonly tries: number;
};

/** `deviceApproved`: by a code, in this login. */
export type WaitingForTeam = LoginFacts & { readonly status: 'waiting-team'; readonly deviceApproved: boolean };

export type CompletedLogin = LoginFacts & {
  readonly status: 'completed';
  readonly deviceApproved: boolean;
  readonly teamId: string;
  readonly roleId: string;
  readonly sessionId: string;
  readonly completedAt: string;
};

export type DeniedLogin = LoginFacts & {
  readonly status: 'denied';
  readonly reason: LoginDenialReason;
};

export type LoginState =
  { readonly status: 'unknown' } | WaitingForDevice | WaitingForTeam | CompletedLogin | DeniedLogin;

export const initialState: LoginState = { status: 'unknown' };

export function evolve(state: LoginState, event: LoginEvent): LoginState {
  const located = state.status === 'unknown' ? state : { ...state, location: relocate(state.location, event) };
  return isLocationEvent(event) ? located : step(located, event);
}

function step(state: LoginState, event: Exclude<LoginEvent, LocationEvent>): LoginState {
  switch (event.type) {
    case 'LoginStarted':
      return started(state, event.data);
    case 'DeviceCodeRequested':
      return withCode(state, event.data);
    case 'DeviceCodeRejected':
      return state.status === 'waiting-device' ? { ...state, tries: event.data.tries } : state;
    case 'LoginDeviceApproved':
      return state.status === 'waiting-device'
        ? { ...factsOf(state), status: 'waiting-team', deviceApproved: true }
        : state;
    case 'LoginDenied':
      return state.status === 'unknown' ? state : { ...factsOf(state), status: 'denied', reason: event.data.reason };
    case 'LoginCompleted':
      return completed(state, event.data);
  }
}

type DataOf<Type extends LoginEvent['type']> = Extract<LoginEvent, { type: Type }>['data'];

function started(state: LoginState, data: DataOf<'LoginStarted'>): LoginState {
  if (state.status !== 'unknown') return state;
  const facts = factsOf({ ...data, startedAt: data.at, location: initialLocation });
  return data.deviceTrusted
    ? { ...facts, status: 'waiting-team', deviceApproved: false }
    : { ...facts, status: 'waiting-device', codes: [], codesSent: 0, tries: 0 };
}

function withCode(state: LoginState, { codeId, number, expiresAt, at }: DataOf<'DeviceCodeRequested'>): LoginState {
  if (state.status !== 'waiting-device') return state;
  return { ...state, codes: [...state.codes, { codeId, expiresAt, at }].slice(-codesKept), codesSent: number };
}

function completed(state: LoginState, { teamId, roleId, sessionId, at }: DataOf<'LoginCompleted'>): LoginState {
  if (state.status !== 'waiting-team') return state;
  const { deviceApproved } = state;
  return { ...factsOf(state), status: 'completed', deviceApproved, teamId, roleId, sessionId, completedAt: at };
}

function factsOf({ loginId, userId, deviceId, remember, transport, ...rest }: LoginFacts): LoginFacts {
  const { expiresAt, startedAt, location } = rest;
  return { loginId, userId, deviceId, remember, transport, expiresAt, startedAt, location };
}

export type LoginStatus =
  | 'device-approval-required'
  | 'location-approval-required'
  | 'team-selection-required'
  | 'completed'
  | 'denied'
  | 'expired';

/** What is to be done next. Throws `login-not-found`. What came to an end stays so after the login's time is over. */
export function loginStatus(state: LoginState, now: Date): LoginStatus {
  switch (state.status) {
    case 'unknown':
      throw new DomainError('login-not-found');
    case 'completed':
    case 'denied':
      return state.status;
    case 'waiting-device':
      return isPast(state.expiresAt, now) ? 'expired' : 'device-approval-required';
    case 'waiting-team':
      if (isPast(state.expiresAt, now)) return 'expired';
      return isLocationApprovalDue(state.location) ? 'location-approval-required' : 'team-selection-required';
  }
}

/**
 * Whether the owner is known to have been where the login came from: it was completed from there without a flag that
 * still stands, or its owner said so.
 */
export function isPlaceProven(state: LoginState): boolean {
  if (state.status === 'unknown' || state.status === 'denied') return false;
  if (state.location.check === 'approved') return true;
  return state.status === 'completed' && !isLocationApprovalDue(state.location);
}

/** The codes that a person may type now, oldest first. */
export function acceptableCodeIds(state: LoginState, now: Date): string[] {
  if (state.status !== 'waiting-device') return [];
  return state.codes.filter((code) => !isPast(code.expiresAt, now)).map((code) => code.codeId);
}
