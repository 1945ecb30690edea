import { activeSessions, type SessionsState } from '../../domain/sessions/state.ts';
import type { Clock, StreamRevision } from '../ports.ts';
import type { SessionCache } from '../session-cache.ts';

export type CacheSessions = (at: { state: SessionsState; revision: StreamRevision }) => Promise<void>;

/** Brings the fast copy of all of a person's recent sessions to the revision of the stream. */
export function cacheSessions({ sessionCache, clock }: { sessionCache: SessionCache; clock: Clock }): CacheSessions {
  return async ({ state, revision }) => {
    if (revision === 'no-stream') return;
    const now = clock();
    const active = activeSessions(state).map((session) => ({
      ...session,
      status: session.suspendedAt === undefined ? ('active' as const) : ('suspended' as const),
    }));
    await Promise.all([...active, ...state.ended].map((session) => sessionCache.put({ ...session, revision }, now)));
  };
}
