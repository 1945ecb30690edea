import type { Clock, Context } from '../ports.ts';
import { teamCommand, type TeamChanged, type TeamCommandHandling } from './team-command.ts';

interface Dependencies extends TeamCommandHandling {
  clock: Clock;
}

export type LeaveTeam = (request: { teamId: string; userId: string }, context: Context) => Promise<TeamChanged>;

/** Throws `last-owner` for the only Owner: they transfer the team first, or close it. */
export function leaveTeam(deps: Dependencies): LeaveTeam {
  const handle = teamCommand(deps);
  return async ({ teamId, userId }, context) => {
    const { position } = await handle({ type: 'LeaveTeam', teamId, by: userId, now: deps.clock() }, context);
    return { position };
  };
}
