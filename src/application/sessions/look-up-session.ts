import { sessions } from '../../domain/sessions/decide.ts';
import { sessionIn } from '../../domain/sessions/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import { onlyAnOutage } from '../outage.ts';
import { Unavailable, type Clock, type Directory, type SessionRecord } from '../ports.ts';
import type { SessionCache, TeamEpoch, UsedSession } from '../session-cache.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from './cache-sessions.ts';

interface Dependencies extends Pick<CommandHandling, 'eventStore' | 'snapshots'> {
  sessionCache: SessionCache;
  directory: Pick<Directory, 'session'>;
  clock: Clock;
  cacheSessions: CacheSessions;
}

interface Of {
  readonly userId: string;
  readonly sessionId: string;
  /** The team that the access token is for. */
  readonly teamId: string;
}

interface Found {
  readonly record: SessionRecord;
  readonly lastUsedAt: Date;
  readonly teamEpoch: TeamEpoch;
}

/** Marks the session as used. `undefined` for one that is not known, or no more. */
export type LookUpSession = (of: Of, now: Date) => Promise<Found | undefined>;

/**
 * The session as everything acknowledged so far has left it: the fast copy where that can be trusted, else the stream.
 * While the log is away nothing can change, and the read model answers for what has no good copy.
 */
export function lookUpSession(deps: Dependencies): LookUpSession {
  const load = streamLoader(deps, sessions);

  return async (of, now) => {
    const used = await use(of, now);
    if (used === 'away') return withoutCopy(of, { lastUsedAt: now, teamEpoch: 'away' });
    if (used?.isTrusted === true) return used;
    return withoutCopy(of, used ?? { lastUsedAt: now, teamEpoch: 'unknown' });
  };

  async function use(of: Of, now: Date): Promise<UsedSession | 'away' | undefined> {
    try {
      return await deps.sessionCache.use(of, now);
    } catch (error) {
      if (!(error instanceof Unavailable) || error.what !== 'session-store') throw error;
      return 'away';
    }
  }

  async function withoutCopy(of: Of, about: Omit<Found, 'record'> & Partial<Found>): Promise<Found | undefined> {
    const { lastUsedAt, teamEpoch } = about;
    try {
      const loaded = await load(streams.sessions(of.userId));
      if (teamEpoch !== 'away') await deps.cacheSessions(loaded).catch(onlyAnOutage);
      const session = sessionIn(loaded.state, of.sessionId);
      if (session === undefined || loaded.revision === 'no-stream') return undefined;
      return { record: { ...session, revision: loaded.revision }, lastUsedAt, teamEpoch };
    } catch (error) {
      if (!(error instanceof Unavailable) || error.what !== 'event-store') throw error;
      const record = newerOf(await deps.directory.session(of.sessionId), about.record);
      return record && { record, lastUsedAt, teamEpoch };
    }
  }
}

function newerOf(one: SessionRecord | undefined, other: SessionRecord | undefined): SessionRecord | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.revision >= other.revision ? one : other;
}
