import { sessions } from '../../domain/sessions/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { onlyAnOutage } from '../outage.ts';
import type { Clock, Context, Directory, SessionRecord } from '../ports.ts';
import type { SessionCache } from '../session-cache.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from '../sessions/cache-sessions.ts';

const pageSize = 500;

interface Dependencies extends CommandHandling {
  directory: Directory;
  sessionCache: SessionCache;
  clock: Clock;
  cacheSessions: CacheSessions;
}

export type ExpireSessions = (request: object, context: Context) => Promise<void>;

/** Records the natural ends: sessions whose life is over, or that nobody used for longer than their idle timeout. */
export function expireSessions(deps: Dependencies): ExpireSessions {
  const handle = commandHandler(deps, sessions);
  return async (_request, context) => {
    const { directory, clock, cacheSessions } = deps;
    let after: string | undefined;
    do {
      const page = await directory.activeSessions(after, pageSize);
      const lastUsed = await lastUses(page);
      const now = clock();
      for (const session of page) {
        const lastUsedAt = lastUsed.get(session.sessionId) ?? null;
        if (!isOver(session, lastUsedAt, now)) continue;
        const { userId, sessionId } = session;
        const command = { type: 'ExpireSession', sessionId, lastUsedAt, now } as const;
        await cacheSessions(await handle(streams.sessions(userId), command, context)).catch(onlyAnOutage);
      }
      after = page.length === pageSize ? page.at(-1)?.sessionId : undefined;
    } while (after !== undefined);
  };

  /** While the cache is away nobody is idle. A session that it forgot starts its idle time anew. */
  async function lastUses(page: readonly SessionRecord[]): Promise<ReadonlyMap<string, Date>> {
    try {
      const known = await deps.sessionCache.lastUsed(page.map(({ sessionId }) => sessionId));
      const forgotten = page.filter(({ sessionId }) => !known.has(sessionId));
      await Promise.all(forgotten.map((session) => deps.sessionCache.put(session, deps.clock())));
      return known;
    } catch (error) {
      onlyAnOutage(error);
      return new Map();
    }
  }
}

function isOver({ expiresAt, idleTimeoutSeconds }: SessionRecord, lastUsedAt: Date | null, now: Date): boolean {
  if (Date.parse(expiresAt) <= now.getTime()) return true;
  return lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() > idleTimeoutSeconds * 1000;
}
