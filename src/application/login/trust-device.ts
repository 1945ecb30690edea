import { devices } from '../../domain/devices/decide.ts';
import type { EventOf } from '../../domain/events.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { fromWhere } from '../context.ts';
import type { Clock, Context, PersonalData } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  personalData: PersonalData;
}

export type TrustDevice = (request: { loginId: string }, context: Context) => Promise<void>;

/** Trusts the device whose code was entered in this login. */
export function trustDevice(deps: Dependencies): TrustDevice {
  const handle = commandHandler(deps, devices);
  return async ({ loginId }, context) => {
    const { events } = await deps.eventStore.readStream(streams.login(loginId));
    const approved = events.find(({ event }) => event.type === 'LoginDeviceApproved');
    if (!approved) return;
    const { userId, deviceId, at } = (approved.event as EventOf<'LoginDeviceApproved'>).data;
    const about = { userId, deviceId, method: 'otp', loginId, provenAt: new Date(at), now: deps.clock() } as const;
    await handle(
      streams.devices(userId),
      { type: 'ApproveDevice', ...about },
      await fromWhere(deps, () => approved, context),
    );
  };
}
