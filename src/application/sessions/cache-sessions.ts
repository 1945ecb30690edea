import { activeSessions, type SessionsState } from '../../domain/sessions/state.ts';
import type { Clock, StreamRevision } from '../ports.ts';
import type { SessionCache } from '../session-cache.ts';

/** `events` are those that led from the state before to this one: without any, all copies are compared with the stream. */
export type CacheSessions = (at: {
  state: SessionsState;
  revision: StreamRevision;
  events?: readonly { readonly data: { readonly sessionId: string } }[];
}) => Promise<void>;

/**
 * Brings the fast copies of a person's recent sessions to the revision of the stream: of those that have changed, where
 * that is known, since the others say already what they would say again.
 */
export function cacheSessions({ sessionCache, clock }: { sessionCache: SessionCache; clock: Clock }): CacheSessions {
  return async ({ state, revision, events = [] }) => {
    if (revision === 'no-stream') return;
    const now = clock();
    const active = activeSessions(state).map((session) => ({
      ...session,
      status: session.suspendedAt === undefined ? ('active' as const) : ('suspended' as const),
    }));
    const changed = new Set(events.map(({ data }) => data.sessionId));
    const isMeant = ({ sessionId }: { sessionId: string }) => changed.size === 0 || changed.has(sessionId);
    const meant = [...active, ...state.ended].filter(isMeant);
    await Promise.all(meant.map((session) => sessionCache.put({ ...session, revision }, now)));
  };
}
