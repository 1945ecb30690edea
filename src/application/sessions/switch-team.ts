import { DomainError } from '../../domain/errors.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { sessionIn } from '../../domain/sessions/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from './cache-sessions.ts';
import type { FollowTeam } from './follow-team.ts';
import type { GrantSession, SessionGrant } from './grant-session.ts';
import type { TeamOfSession } from './team-of-session.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  cacheSessions: CacheSessions;
  grantSession: GrantSession;
  teamOfSession: TeamOfSession;
  followTeam: FollowTeam;
}

export type SwitchTeam = (
  request: { userId: string; sessionId: string; teamId: string },
  context: Context,
) => Promise<SessionGrant>;

/**
 * The same session goes on in another team of the person, with a new access token and the refresh token it has. Access
 * tokens of the team before are refused from the next request on. Throws `Unavailable('session-store')` after the
 * switch where the copy of the session cannot be written: asked again, it answers.
 */
export function switchTeam(deps: Dependencies): SwitchTeam {
  const handle = commandHandler(deps, sessions);
  return async ({ userId, sessionId, teamId }, context) => {
    const found = await deps.teamOfSession({ userId, teamId });
    if (found.kind === 'no-member') throw new DomainError('team-not-found');
    const command = { type: 'SwitchTeam', sessionId, ...found.in, now: deps.clock() } as const;
    const handled = await handle(streams.sessions(userId), command, context);
    await deps.cacheSessions(handled);
    // A removal at the same moment moved the sessions that it found; a reaction looks again where this does not come to it.
    const after = await deps.teamOfSession({ userId, teamId });
    if (after.kind === 'no-member') {
      await deps.followTeam({ userId, teamId, position: handled.position ?? 0n }, context);
      throw new DomainError('team-not-found');
    }
    const session = sessionIn(handled.state, sessionId);
    if (session?.status !== 'active') throw new DomainError('session-required');
    return deps.grantSession({ ...session, userId, position: handled.position ?? 0n });
  };
}
