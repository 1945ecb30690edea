import { DomainError } from '../../domain/errors.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { sessionIn } from '../../domain/sessions/state.ts';
import { team } from '../../domain/team/decide.ts';
import { memberRole } from '../../domain/team/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from './cache-sessions.ts';
import type { GrantSession, SessionGrant } from './grant-session.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  cacheSessions: CacheSessions;
  grantSession: GrantSession;
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
  const loadTeam = streamLoader(deps, team);
  const handle = commandHandler(deps, sessions);
  return async ({ userId, sessionId, teamId }, context) => {
    const role = memberRole((await loadTeam(streams.team(teamId))).state, userId);
    if (role === undefined) throw new DomainError('team-not-found');
    const command = { type: 'SwitchTeam', sessionId, teamId, roleId: role.roleId, now: deps.clock() } as const;
    const handled = await handle(streams.sessions(userId), command, context);
    await deps.cacheSessions(handled);
    const session = sessionIn(handled.state, sessionId);
    if (session?.status !== 'active') throw new DomainError('session-required');
    return deps.grantSession({ ...session, userId, position: handled.position ?? 0n });
  };
}
