import { sessions } from '../../domain/sessions/decide.ts';
import type { CommandHandling } from '../command-handler.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from './cache-sessions.ts';

interface Dependencies extends CommandHandling {
  cacheSessions: CacheSessions;
}

/** Mends the copy of one session, where whoever changed it did not come so far. */
export type RefreshSessionCache = (request: { userId: string; sessionId: string }) => Promise<void>;

export function refreshSessionCache(deps: Dependencies): RefreshSessionCache {
  const load = streamLoader(deps, sessions);
  return async ({ userId, sessionId }) => {
    const loaded = await load(streams.sessions(userId));
    await deps.cacheSessions({ ...loaded, events: [{ data: { sessionId } }] });
  };
}
