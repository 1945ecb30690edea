import { sessions } from '../../domain/sessions/decide.ts';
import type { CommandHandling } from '../command-handler.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from './cache-sessions.ts';

interface Dependencies extends CommandHandling {
  cacheSessions: CacheSessions;
}

export type RefreshSessionCache = (request: { userId: string }) => Promise<void>;

export function refreshSessionCache(deps: Dependencies): RefreshSessionCache {
  const load = streamLoader(deps, sessions);
  return async ({ userId }) => deps.cacheSessions(await load(streams.sessions(userId)));
}
