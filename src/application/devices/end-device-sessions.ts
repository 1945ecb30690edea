import { sessions } from '../../domain/sessions/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { onlyAnOutage } from '../outage.ts';
import type { Clock, Context } from '../ports.ts';
import type { CacheSessions } from '../sessions/cache-sessions.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  cacheSessions: CacheSessions;
}

export type EndDeviceSessions = (
  request: { userId: string; deviceId: string; removedAt: Date },
  context: Context,
) => Promise<void>;

/** What follows from a device's removal. Safe to repeat: a session that began after it is left alone. */
export function endDeviceSessions(deps: Dependencies): EndDeviceSessions {
  const handle = commandHandler(deps, sessions);
  return async ({ userId, deviceId, removedAt }, context) => {
    const about = { deviceId, startedBefore: removedAt, reason: 'device-removed', now: deps.clock() } as const;
    const handled = await handle(streams.sessions(userId), { type: 'RevokeSessionsOfDevice', ...about }, context);
    await deps.cacheSessions(handled).catch(onlyAnOutage);
  };
}
