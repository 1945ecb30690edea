import type { Clock, Context } from '../ports.ts';
import { teamCommand, type TeamChanged, type TeamCommandHandling } from './team-command.ts';

interface Dependencies extends TeamCommandHandling {
  clock: Clock;
}

export type TransferOwnership = (
  request: { teamId: string; userId: string; toUserId: string },
  context: Context,
) => Promise<TeamChanged>;

/** `userId` becomes a Manager in the same step. */
export function transferOwnership(deps: Dependencies): TransferOwnership {
  const handle = teamCommand(deps);
  return async ({ teamId, userId, toUserId }, context) => {
    const command = { type: 'TransferOwnership', teamId, by: userId, toUserId, now: deps.clock() } as const;
    const { position } = await handle(command, context);
    return { position };
  };
}
