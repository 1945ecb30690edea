import { DomainError } from '../../domain/errors.ts';
import { team } from '../../domain/team/decide.ts';
import { memberRole } from '../../domain/team/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { Permitted } from './require-permission.ts';

/** Throws `team-not-found` for a team that does not exist and for one that `userId` is no member of alike. */
export type RequireMember = (request: { teamId: string; userId: string }) => Promise<Permitted>;

/** For what every member may see: the team's own stream as it is now, never a read model. */
export function requireMember(deps: Pick<CommandHandling, 'eventStore' | 'snapshots'>): RequireMember {
  const load = streamLoader(deps, team);
  return async ({ teamId, userId }) => {
    const { state } = await load(streams.team(teamId));
    const role = memberRole(state, userId);
    if (state.status !== 'open' || role === undefined) throw new DomainError('team-not-found');
    return { team: state, role };
  };
}
