import { sessions } from '../../domain/sessions/decide.ts';
import { activeSessions } from '../../domain/sessions/state.ts';
import type { Destination } from '../../domain/sessions/switch-team.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { onlyAnOutage } from '../outage.ts';
import type { Clock, Context, Directory } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from './cache-sessions.ts';
import type { TeamOfSession } from './team-of-session.ts';

interface Dependencies extends CommandHandling {
  directory: Pick<Directory, 'teamsOf'>;
  clock: Clock;
  cacheSessions: CacheSessions;
  teamOfSession: TeamOfSession;
}

/** `position`: of the event that asks for it. */
export type FollowTeam = (
  request: { userId: string; teamId: string; position: bigint },
  context: Context,
) => Promise<void>;

/**
 * Brings a person's sessions in a team in line with the team as it is now: those of a member have its idle timeout;
 * those of somebody else go on in the team that this person joined first among the others, or end where there is none.
 * Safe to repeat, and right in whatever order things happen: it ends when a look at the team finds nothing to do.
 */
export function followTeam(deps: Dependencies): FollowTeam {
  const handle = commandHandler(deps, sessions);
  const load = streamLoader(deps, sessions);

  return async ({ userId, teamId: firstTeamId, position }, context) => {
    let teamId = firstTeamId;
    for (;;) {
      if (!(await hasSessionIn(userId, teamId))) return;
      const found = await deps.teamOfSession({ userId, teamId });
      const to = found.kind === 'member' ? found.in : await firstOther(userId, teamId, position);
      const now = deps.clock();
      const command =
        found.kind === 'member'
          ? ({ type: 'ApplySessionPolicy', ...found.in, now } as const)
          : ({ type: 'LeaveTeam', teamId, to: to ?? null, reason: found.reason, now } as const);
      const handled = await handle(streams.sessions(userId), command, context);
      await deps.cacheSessions(handled).catch(onlyAnOutage);
      // It rests on what was read: changed meanwhile, of the team before or the one after, it is put right.
      if (handled.events.length === 0 || to === undefined) return;
      teamId = to.teamId;
    }
  };

  async function hasSessionIn(userId: string, teamId: string): Promise<boolean> {
    const { state } = await load(streams.sessions(userId));
    return activeSessions(state).some((session) => session.teamId === teamId);
  }

  /** The read model says in which order they were joined; whether they still are is asked of the teams. */
  async function firstOther(userId: string, leftTeamId: string, position: bigint): Promise<Destination | undefined> {
    for (const { teamId } of await deps.directory.teamsOf(userId, position)) {
      if (teamId === leftTeamId) continue;
      const found = await deps.teamOfSession({ userId, teamId });
      if (found.kind === 'member') return found.in;
    }
    return undefined;
  }
}
