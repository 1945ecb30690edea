import { isPast } from '../time.ts';
import type { DevicesEvent } from './events.ts';

/** Beyond so many, the device that was used least recently is forgotten: it has to be approved again. */
const devicesKept = 200;

export interface Device {
  readonly deviceId: string;
  readonly trustedUntil: string;
  readonly lastUsedAt: string;
}

/** The device used least recently first. */
export interface DevicesState {
  readonly devices: readonly Device[];
}

export const initialState: DevicesState = { devices: [] };

export function evolve(state: DevicesState, event: DevicesEvent): DevicesState {
  switch (event.type) {
    case 'DeviceApproved':
    case 'DeviceUsed': {
      const { deviceId, trustedUntil, at } = event.data;
      const others = state.devices.filter((known) => known.deviceId !== deviceId);
      return { devices: [...others, { deviceId, trustedUntil, lastUsedAt: at }].slice(-devicesKept) };
    }
  }
}

export function deviceIn(state: DevicesState, deviceId: string): Device | undefined {
  return state.devices.find((known) => known.deviceId === deviceId);
}

export function isTrusted(state: DevicesState, deviceId: string, now: Date): boolean {
  const device = deviceIn(state, deviceId);
  return device !== undefined && !isPast(device.trustedUntil, now);
}
