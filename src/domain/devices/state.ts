import { isPast } from '../time.ts';
import type { DevicesEvent } from './events.ts';

/** Beyond so many, the device that was used least recently is forgotten: it has to be approved again. */
const devicesKept = 200;
/** So many removals are remembered: what was proven before them must not bring a device back. */
const removalsKept = 200;

export interface Device {
  readonly deviceId: string;
  readonly trustedUntil: string;
  readonly lastUsedAt: string;
}

/** The device used least recently first. */
export interface DevicesState {
  readonly devices: readonly Device[];
  /** Devices that were removed and not approved again since, the one removed last at the end. */
  readonly removed: readonly RemovedDevice[];
}

export interface RemovedDevice {
  readonly deviceId: string;
  readonly at: string;
}

export const initialState: DevicesState = { devices: [], removed: [] };

export function evolve(state: DevicesState, event: DevicesEvent): DevicesState {
  switch (event.type) {
    case 'DeviceApproved':
    case 'DeviceUsed': {
      const { deviceId, trustedUntil, at } = event.data;
      const devices = [...without(state.devices, deviceId), { deviceId, trustedUntil, lastUsedAt: at }];
      return { devices: devices.slice(-devicesKept), removed: without(state.removed, deviceId) };
    }
    case 'DeviceRemoved': {
      const { deviceId, at } = event.data;
      const removed = [...without(state.removed, deviceId), { deviceId, at }];
      return { devices: without(state.devices, deviceId), removed: removed.slice(-removalsKept) };
    }
  }
}

function without<Known extends { readonly deviceId: string }>(list: readonly Known[], deviceId: string): Known[] {
  return list.filter((known) => known.deviceId !== deviceId);
}

export function deviceIn(state: DevicesState, deviceId: string): Device | undefined {
  return state.devices.find((known) => known.deviceId === deviceId);
}

export function isTrusted(state: DevicesState, deviceId: string, now: Date): boolean {
  const device = deviceIn(state, deviceId);
  return device !== undefined && !isPast(device.trustedUntil, now);
}

/** Whether the device was removed, and has not been approved since by something proven after that. */
export function isRemoved(state: DevicesState, deviceId: string, provenAt: Date | null): boolean {
  const removed = state.removed.find((known) => known.deviceId === deviceId);
  return removed !== undefined && (provenAt === null || !isPast(removed.at, provenAt));
}
