import { team } from '../../domain/team/decide.ts';
import { memberRole } from '../../domain/team/state.ts';
import type { Destination } from '../../domain/sessions/switch-team.ts';
import type { CommandHandling } from '../command-handler.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

interface Dependencies extends Pick<CommandHandling, 'eventStore' | 'snapshots'> {
  sessionSettings: { idleTimeoutSeconds: number };
}

/** What a session of this person in this team is like now, or why there can be none. */
export type TeamOfSession = (request: {
  userId: string;
  teamId: string;
}) => Promise<
  | { readonly kind: 'member'; readonly in: Destination }
  | { readonly kind: 'no-member'; readonly reason: 'member-removed' | 'team-closed' }
>;

export function teamOfSession(deps: Dependencies): TeamOfSession {
  const load = streamLoader(deps, team);
  return async ({ userId, teamId }) => {
    const { state } = await load(streams.team(teamId));
    const role = memberRole(state, userId);
    if (state.status !== 'open' || role === undefined) {
      return { kind: 'no-member', reason: state.status === 'closed' ? 'team-closed' : 'member-removed' };
    }
    const idleTimeoutSeconds = state.idleTimeoutSeconds ?? deps.sessionSettings.idleTimeoutSeconds;
    return { kind: 'member', in: { teamId, roleId: role.roleId, idleTimeoutSeconds } };
  };
}
