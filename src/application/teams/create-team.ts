import type { CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { teamCommand, type TeamCommandHandling } from './team-command.ts';

interface Dependencies extends TeamCommandHandling, Pick<CommandHandling, 'newId'> {
  clock: Clock;
}

export type CreateTeam = (
  request: { userId: string; name: string },
  context: Context,
) => Promise<{ teamId: string; position: bigint | undefined }>;

/** One more team for somebody who has an account; they are its Owner. */
export function createTeam(deps: Dependencies): CreateTeam {
  const handle = teamCommand(deps);
  return async ({ userId, name }, context) => {
    const { newId, clock } = deps;
    const teamId = newId();
    const roleIds = { owner: newId(), manager: newId(), developer: newId() };
    const command = { type: 'CreateTeam', teamId, name: name.trim(), ownerId: userId, roleIds, now: clock() } as const;
    const { position } = await handle(command, context);
    return { teamId, position };
  };
}
