import { onlyAnOutage } from '../outage.ts';
import type { StreamRevision } from '../ports.ts';
import type { SessionCache } from '../session-cache.ts';

/**
 * Tells every process that `team-<teamId>` has come to this revision, so that the next request sees its effect. Called
 * after the append and before the answer; in an outage of the session store nobody trusts what it says until it is mended.
 */
export type AnnounceTeam = (teamId: string, revision: StreamRevision) => Promise<void>;

export function announceTeam({ sessionCache }: { sessionCache: Pick<SessionCache, 'putTeamEpoch'> }): AnnounceTeam {
  return async (teamId, revision) => {
    if (revision === 'no-stream') return;
    await sessionCache.putTeamEpoch(teamId, revision).catch(onlyAnOutage);
  };
}
