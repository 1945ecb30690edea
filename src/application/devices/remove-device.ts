import { devices } from '../../domain/devices/decide.ts';
import type { DeviceRemovalReason } from '../../domain/devices/events.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';
import type { EndDeviceSessions } from './end-device-sessions.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  endDeviceSessions: EndDeviceSessions;
}

export type RemoveDevice = (
  request: { userId: string; deviceId: string; reason: DeviceRemovalReason },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/** Ends a device's trust and the sessions on it; what a crash leaves undone, a reaction does. */
export function removeDevice(deps: Dependencies): RemoveDevice {
  const handle = commandHandler(deps, devices);
  return async ({ userId, deviceId, reason }, context) => {
    const now = deps.clock();
    const { position } = await handle(
      streams.devices(userId),
      { type: 'RemoveDevice', userId, deviceId, reason, now },
      context,
    );
    await deps.endDeviceSessions({ userId, deviceId, removedAt: now }, context);
    return { position };
  };
}
