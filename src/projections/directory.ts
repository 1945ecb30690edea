import { Unavailable, type Clock, type Directory } from '../application/ports.ts';
import { memberAccess } from './member-access.ts';
import type { ReadModels } from './read-models.ts';
import { erasures } from './erasures.ts';
import { invitationsTo } from './invitations.ts';
import { sessionById, sessionsInTeam, sessionsToCheck } from './sessions.ts';
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
    async sessionsInTeam({ teamId, position }, after, limit) {
      if (!(await waitForPosition(pool, ['sessions'], position, readAfterMs))) throw new Unavailable('read-model');
      return sessionsInTeam(pool, teamId, limit, after);
    },
    lapsedRegistrations: (before, limit) => lapsedRegistrations(pool, before, limit),
    async invitationsTo(emailHash, position) {
      if (!(await waitForPosition(pool, ['invitations'], position, readAfterMs))) throw new Unavailable('read-model');
      return invitationsTo(pool, emailHash);
    },
    erasures: (after, limit) => erasures(pool, after, limit),
    access: (teamId, userId) => memberAccess(pool, teamId, userId),
  };
}
