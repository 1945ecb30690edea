import type { Decider } from '../decider.ts';
import { dayMs, elapsedMs, later } from '../time.ts';
import type { DevicesEvent } from './events.ts';
import { deviceIn, evolve, initialState, isTrusted, type DevicesState } from './state.ts';

const trustDays = 90;

export type DevicesCommand =
  | {
      type: 'ApproveDevice';
      userId: string;
      deviceId: string;
      method: 'registration' | 'otp';
      loginId: string | null;
      now: Date;
    }
  | { type: 'UseDevice'; userId: string; deviceId: string; loginId: string; now: Date };

function decide(command: DevicesCommand, state: DevicesState): readonly DevicesEvent[] {
  const { userId, deviceId, now } = command;
  const trustedUntil = later(now, trustDays * dayMs);
  const at = now.toISOString();
  switch (command.type) {
    case 'ApproveDevice': {
      if (isTrusted(state, deviceId, now)) return [];
      const { method, loginId } = command;
      return [{ type: 'DeviceApproved', data: { userId, deviceId, method, loginId, trustedUntil, at } }];
    }
    case 'UseDevice':
      if (!isTrusted(state, deviceId, now) || usedToday(state, deviceId, now)) return [];
      return [{ type: 'DeviceUsed', data: { userId, deviceId, loginId: command.loginId, trustedUntil, at } }];
  }
}

function usedToday(state: DevicesState, deviceId: string, now: Date): boolean {
  const device = deviceIn(state, deviceId);
  return device !== undefined && elapsedMs(device.lastUsedAt, now) < dayMs;
}

export const devices: Decider<DevicesState, DevicesCommand, DevicesEvent> = {
  initialState,
  evolve,
  decide,
  stateVersion: 1,
};
