import type { CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { teamCommand, type TeamCommandHandling } from './team-command.ts';

interface Dependencies extends TeamCommandHandling, Pick<CommandHandling, 'newId'> {
  clock: Clock;
  tokens: Pick<Tokens, 'derivedId'>;
}

export type CreateTeam = (
  request: {
    userId: string;
    name: string;
    /** What is the same whenever the caller asks for the same team once more; absent: every request makes one. */
    sameAs?: string | undefined;
  },
  context: Context,
) => Promise<{ teamId: string; position: bigint | undefined }>;

/**
 * One more team for somebody who has an account; they are its Owner. Whoever was not told of an append that came through
 * later asks again, and has to find that team, not make a second one.
 */
export function createTeam(deps: Dependencies): CreateTeam {
  const handle = teamCommand(deps);
  return async ({ userId, name, sameAs }, context) => {
    const { newId, clock, tokens } = deps;
    const teamId = sameAs === undefined ? newId() : tokens.derivedId(JSON.stringify([userId, name, sameAs]), 'team');
    const roleIds = { owner: newId(), manager: newId(), developer: newId() };
    const command = { type: 'CreateTeam', teamId, name: name.trim(), ownerId: userId, roleIds, now: clock() } as const;
    const { position } = await handle(command, context);
    return { teamId, position };
  };
}
