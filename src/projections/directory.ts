import { Unavailable, type Clock, type Directory } from '../application/ports.ts';
import type { ReadModels } from './read-models.ts';
import { sessionById, sessionsToCheck } from './sessions.ts';
import { teamsOf } from './teams.ts';
import { lapsedRegistrations } from './users.ts';
import { waitForPosition } from './wait.ts';

/** A reader waits this long for what it has to see, and is then told rather than shown old rows. */
export const readAfterMs = 2000;

/** What use cases ask of the read models. */
export function directory(pool: ReadModels, clock: Clock): Directory {
  return {
    async teamsOf(userId, position) {
      if (!(await waitForPosition(pool, ['teams'], position, readAfterMs))) throw new Unavailable('read-model');
      return teamsOf(pool, userId);
    },
    session: (sessionId) => sessionById(pool, sessionId),
    activeSessions: (after, limit) => sessionsToCheck(pool, clock(), limit, after),
    lapsedRegistrations: (before, limit) => lapsedRegistrations(pool, before, limit),
  };
}
