import { team } from '../../domain/team/decide.ts';
import type { CommandHandling } from '../command-handler.ts';
import type { Context } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { FollowTeam } from './follow-team.ts';

interface Dependencies extends Pick<CommandHandling, 'eventStore' | 'snapshots'> {
  followTeam: FollowTeam;
}

export type FollowTeamClosing = (request: { teamId: string; position: bigint }, context: Context) => Promise<void>;

/** What follows from a team's closing: no session of those who were in it then stays there. Safe to repeat. */
export function followTeamClosing(deps: Dependencies): FollowTeamClosing {
  const load = streamLoader(deps, team);
  return async ({ teamId, position }, context) => {
    const { state } = await load(streams.team(teamId));
    if (state.status !== 'closed') return;
    for (const userId of Object.keys(state.members)) await deps.followTeam({ userId, teamId, position }, context);
  };
}
