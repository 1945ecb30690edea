import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import { elapsedMs, later, minuteMs, secondMs } from '../time.ts';
import type { LoginDenialReason, LoginEvent, Transport } from './events.ts';
import { clearedWithoutGeo, decideLocation, isLocationCommand, type LocationCommand } from './decide-location.ts';
import { isLocationApprovalDue } from './location-state.ts';
import {
  acceptableCodeIds,
  evolve,
  initialState,
  loginStatus,
  type LoginState,
  type WaitingForDevice,
} from './state.ts';

const loginMinutes = 15;
const codeMinutes = 10;
const maxTries = 5;
/** The first one and three resends. */
const maxCodes = 4;
const resendSeconds = 60;

export type LoginCommand =
  | {
      type: 'StartLogin';
      loginId: string;
      userId: string;
      deviceId: string;
      deviceTrusted: boolean;
      remember: boolean;
      transport: Transport;
      codeId: string;
      /** Whether somebody finds out where it comes from. */
      placeChecked: boolean;
      now: Date;
    }
  | LocationCommand
  /** `matchingCodeId`: the acceptable code that was typed, `null` when it was none of them. */
  | { type: 'ApproveDevice'; matchingCodeId: string | null; now: Date }
  | { type: 'ResendDeviceCode'; codeId: string; now: Date }
  | { type: 'SelectTeam'; teamId: string; roleId: string; sessionId: string; now: Date };

type CommandOf<Type extends LoginCommand['type']> = Extract<LoginCommand, { type: Type }>;

function decide(command: LoginCommand, state: LoginState): readonly LoginEvent[] {
  if (isLocationCommand(command)) return decideLocation(command, state);
  switch (command.type) {
    case 'StartLogin':
      return start(command, state);
    case 'ApproveDevice':
      return approveDevice(command, state);
    case 'ResendDeviceCode':
      return resend(command, state);
    case 'SelectTeam':
      return selectTeam(command, state);
  }
}

function start(command: CommandOf<'StartLogin'>, state: LoginState): readonly LoginEvent[] {
  if (state.status !== 'unknown') return [];
  const { loginId, userId, deviceId, deviceTrusted, remember, transport, codeId, placeChecked, now } = command;
  const expiresAt = later(now, loginMinutes * minuteMs);
  const started: LoginEvent = {
    type: 'LoginStarted',
    data: { loginId, userId, deviceId, deviceTrusted, remember, transport, expiresAt, at: now.toISOString() },
  };
  return [
    started,
    ...(placeChecked ? [] : [clearedWithoutGeo(command, 'not-configured', now)]),
    ...(deviceTrusted ? [] : [codeRequested(command, codeId, 1, now)]),
  ];
}

// A wrong code is a fact to record, so it is an event and not an error.
function approveDevice(command: CommandOf<'ApproveDevice'>, state: LoginState): readonly LoginEvent[] {
  const { matchingCodeId, now } = command;
  refuseUnlessGoingOn(state, now);
  if (state.status !== 'waiting-device') {
    if ('deviceApproved' in state && state.deviceApproved) return [];
    throw new DomainError('login-step-not-due');
  }
  const acceptable = acceptableCodeIds(state, now);
  const newest = acceptable.at(-1);
  if (newest === undefined) throw new DomainError('device-code-expired');
  if (matchingCodeId === null || !acceptable.includes(matchingCodeId)) return codeRejected(state, newest, now);
  const { loginId, userId, deviceId } = state;
  const at = now.toISOString();
  return [{ type: 'LoginDeviceApproved', data: { loginId, userId, deviceId, codeId: matchingCodeId, at } }];
}

function codeRejected(state: WaitingForDevice, codeId: string, now: Date): readonly LoginEvent[] {
  const { loginId, userId } = state;
  const tries = state.tries + 1;
  const rejected: LoginEvent = {
    type: 'DeviceCodeRejected',
    data: { loginId, userId, codeId, tries, at: now.toISOString() },
  };
  return tries < maxTries ? [rejected] : [rejected, denied(state, 'device-code-tries', now)];
}

function resend({ codeId, now }: CommandOf<'ResendDeviceCode'>, state: LoginState): readonly LoginEvent[] {
  refuseUnlessGoingOn(state, now);
  if (state.status !== 'waiting-device') throw new DomainError('login-step-not-due');
  const last = state.codes.at(-1);
  if (last?.codeId === codeId) return [];
  const waitMs = last === undefined ? 0 : resendSeconds * secondMs - elapsedMs(last.at, now);
  if (waitMs > 0) {
    throw new DomainError('device-code-resend-too-early', { retryAfterSeconds: Math.ceil(waitMs / secondMs) });
  }
  if (state.codesSent >= maxCodes) return [denied(state, 'device-code-resends', now)];
  return [codeRequested(state, codeId, state.codesSent + 1, now)];
}

function selectTeam(command: CommandOf<'SelectTeam'>, state: LoginState): readonly LoginEvent[] {
  const { teamId, roleId, sessionId, now } = command;
  refuseUnlessGoingOn(state, now);
  if (state.status === 'completed' && state.teamId === teamId) return [];
  if (state.status !== 'waiting-team' || isLocationApprovalDue(state.location)) {
    throw new DomainError('login-step-not-due');
  }
  const { loginId, userId, deviceId, remember, transport } = state;
  const at = now.toISOString();
  return [
    ...(state.location.check === 'pending' ? [clearedWithoutGeo(state, 'timeout', now)] : []),
    {
      type: 'LoginCompleted',
      data: { loginId, userId, deviceId, teamId, roleId, sessionId, remember, transport, at },
    },
  ];
}

function refuseUnlessGoingOn(state: LoginState, now: Date): void {
  const status = loginStatus(state, now);
  if (status === 'denied') throw new DomainError('login-denied');
  if (status === 'expired') throw new DomainError('login-expired');
}

interface OfLogin {
  readonly loginId: string;
  readonly userId: string;
}

function codeRequested({ loginId, userId }: OfLogin, codeId: string, number: number, now: Date): LoginEvent {
  const expiresAt = later(now, codeMinutes * minuteMs);
  return { type: 'DeviceCodeRequested', data: { loginId, userId, codeId, number, expiresAt, at: now.toISOString() } };
}

function denied({ loginId, userId }: OfLogin, reason: LoginDenialReason, now: Date): LoginEvent {
  return { type: 'LoginDenied', data: { loginId, userId, reason, at: now.toISOString() } };
}

export const login: Decider<LoginState, LoginCommand, LoginEvent> = { initialState, evolve, decide };
