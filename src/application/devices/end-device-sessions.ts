import { sessions } from '../../domain/sessions/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { Unavailable, type Clock, type Context } from '../ports.ts';
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
    await deps.cacheSessions(handled).catch((error: unknown) => {
      // While the cache is away, sessions are checked in Postgres, and a reaction mends the cache afterwards.
      if (!(error instanceof Unavailable)) throw error;
    });
  };
}
