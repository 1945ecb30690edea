import { DomainError } from '../../domain/errors.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { RemoveDevice } from '../devices/remove-device.ts';
import { onlyAnOutage } from '../outage.ts';
import type { Clock, Context, Recorded } from '../ports.ts';
import type { CacheSessions } from '../sessions/cache-sessions.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  cacheSessions: CacheSessions;
  removeDevice: RemoveDevice;
}

interface DeniedLogin {
  readonly loginId: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly denial: Recorded;
}

export type FollowDenial = (request: DeniedLogin, context: Context) => Promise<void>;

/**
 * The owner says that somebody else gave their password: it has to be changed, every session ends, and the device is
 * barred. Nothing is done a second time: what came after the denial, the new password above all, stands.
 */
export function followDenial(deps: Dependencies): FollowDenial {
  const handleSessions = commandHandler(deps, sessions);
  const handleUser = commandHandler(deps, user);
  return async ({ loginId, userId, deviceId, denial }, context) => {
    // The password first: nobody gets in anew while the rest is done.
    if (!(await has(streams.user(userId), denial, isPasswordEnd))) await forcePasswordChange(userId, context);
    await endSessions({ loginId, userId, denial }, context);
    const isRemoval = ({ event }: Recorded) => event.type === 'DeviceRemoved' && event.data.deviceId === deviceId;
    if (await has(streams.devices(userId), denial, isRemoval)) return;
    await deps.removeDevice({ userId, deviceId, reason: 'login-denied' }, context);
  };

  async function forcePasswordChange(userId: string, context: Context): Promise<void> {
    const command = { type: 'ForcePasswordChange', userId, by: null, now: deps.clock() } as const;
    await handleUser(streams.user(userId), command, context).catch((error: unknown) => {
      // Nobody can log in to an account that is no longer there.
      if (!(error instanceof DomainError) || error.code !== 'not-found') throw error;
    });
  }

  async function endSessions(
    { loginId, userId, denial }: Omit<DeniedLogin, 'deviceId'>,
    context: Context,
  ): Promise<void> {
    const which = { exceptSessionId: null, startedUntil: denial.recordedAt.toISOString(), orOfLogin: loginId };
    const command = { type: 'RevokeAllSessions', ...which, reason: 'login-denied', now: deps.clock() } as const;
    const handled = await handleSessions(streams.sessions(userId), command, context);
    await deps.cacheSessions(handled).catch(onlyAnOutage);
  }

  /** Whether it has happened since. */
  async function has(stream: string, since: Recorded, isIt: (recorded: Recorded) => boolean): Promise<boolean> {
    const { events } = await deps.eventStore.readStream(stream);
    return events.some((recorded) => recorded.position > since.position && isIt(recorded));
  }
}

function isPasswordEnd({ event }: Recorded): boolean {
  return event.type === 'PasswordChangeForced' || event.type === 'PasswordChanged';
}
