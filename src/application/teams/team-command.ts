import { team, type TeamCommand } from '../../domain/team/decide.ts';
import type { TeamEvent } from '../../domain/team/events.ts';
import type { TeamState } from '../../domain/team/state.ts';
import type { AnnounceTeam } from '../access/announce-team.ts';
import { commandHandler, type CommandHandling, type Handled } from '../command-handler.ts';
import type { Context } from '../ports.ts';
import { streams } from '../streams.ts';

export interface TeamCommandHandling extends CommandHandling {
  announceTeam: AnnounceTeam;
}

export type HandleTeam = (command: TeamCommand, context: Context) => Promise<Handled<TeamState, TeamEvent>>;

/**
 * Every change of a team goes through here: it is announced before anybody is told that it is done, so that the next
 * request obeys it. Announced also where nothing was left to do: the first attempt may have died before it was.
 */
export function teamCommand(deps: TeamCommandHandling): HandleTeam {
  const handle = commandHandler(deps, team);
  return async (command, context) => {
    const handled = await handle(streams.team(command.teamId), command, context);
    await deps.announceTeam(command.teamId, handled.revision);
    return handled;
  };
}

/** What a use case answers that changes a team. */
export interface TeamChanged {
  readonly position: bigint | undefined;
}
