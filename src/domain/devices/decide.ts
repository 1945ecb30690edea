import type { Decider } from '../decider.ts';
import { dayMs, elapsedMs, later } from '../time.ts';
import { DomainError } from '../errors.ts';
import type { DeviceRemovalReason, DevicesEvent } from './events.ts';
import { deviceIn, evolve, initialState, isRemoved, isTrusted, type DevicesState } from './state.ts';

const trustDays = 90;

export type DevicesCommand =
  | {
      type: 'ApproveDevice';
      userId: string;
      deviceId: string;
      method: 'registration' | 'otp';
      loginId: string | null;
      /** When the person proved it; now, where nothing is said. The command may be repeated long after. */
      provenAt?: Date;
      now: Date;
    }
  | { type: 'UseDevice'; userId: string; deviceId: string; loginId: string; now: Date }
  | { type: 'RemoveDevice'; userId: string; deviceId: string; reason: DeviceRemovalReason; now: Date };

type CommandOf<Type extends DevicesCommand['type']> = Extract<DevicesCommand, { type: Type }>;

function decide(command: DevicesCommand, state: DevicesState): readonly DevicesEvent[] {
  const { userId, deviceId, now } = command;
  const trustedUntil = later(now, trustDays * dayMs);
  const at = now.toISOString();
  switch (command.type) {
    case 'ApproveDevice': {
      if (isTrusted(state, deviceId, now) || isRemoved(state, deviceId, command.provenAt ?? now)) return [];
      const { method, loginId } = command;
      return [{ type: 'DeviceApproved', data: { userId, deviceId, method, loginId, trustedUntil, at } }];
    }
    case 'UseDevice':
      if (!isTrusted(state, deviceId, now) || usedToday(state, deviceId, now)) return [];
      return [{ type: 'DeviceUsed', data: { userId, deviceId, loginId: command.loginId, trustedUntil, at } }];
    case 'RemoveDevice':
      return remove(command, state);
  }
}

/**
 * Throws `not-found` where somebody asks to remove what is no device of theirs. That of a denied login is barred also
 * where it is not trusted yet: its code may have been typed already.
 */
function remove(
  { userId, deviceId, reason, now }: CommandOf<'RemoveDevice'>,
  state: DevicesState,
): readonly DevicesEvent[] {
  if (deviceIn(state, deviceId) === undefined) {
    if (isRemoved(state, deviceId, null)) return [];
    if (reason !== 'login-denied') throw new DomainError('not-found');
  }
  return [{ type: 'DeviceRemoved', data: { userId, deviceId, reason, at: now.toISOString() } }];
}

function usedToday(state: DevicesState, deviceId: string, now: Date): boolean {
  const device = deviceIn(state, deviceId);
  return device !== undefined && elapsedMs(device.lastUsedAt, now) < dayMs;
}

export const devices: Decider<DevicesState, DevicesCommand, DevicesEvent> = {
  initialState,
  evolve,
  decide,
  stateVersion: 2,
};
