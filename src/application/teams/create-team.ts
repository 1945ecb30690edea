import { DomainError } from '../../domain/errors.ts';
import type { CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Directory, Tokens } from '../ports.ts';
import { teamCommand, type TeamCommandHandling } from './team-command.ts';

interface Dependencies extends TeamCommandHandling, Pick<CommandHandling, 'newId'> {
  clock: Clock;
  directory: Pick<Directory, 'teamsOf'>;
  /** Whoever is in so many makes no further one. */
  teamSettings: { maxTeams: number };
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
 * later asks again, and has to find that team, not make a second one. Throws `too-many-teams`.
 */
export function createTeam(deps: Dependencies): CreateTeam {
  const handle = teamCommand(deps);
  return async ({ userId, name, sameAs }, context) => {
    const { newId, clock, tokens } = deps;
    const teamId = sameAs === undefined ? newId() : tokens.derivedId(JSON.stringify([userId, name, sameAs]), 'team');
    await refuseBeyondLimit(userId, teamId);
    const roleIds = { owner: newId(), manager: newId(), developer: newId() };
    const command = { type: 'CreateTeam', teamId, name: name.trim(), ownerId: userId, roleIds, now: clock() } as const;
    const { position } = await handle(command, context);
    return { teamId, position };
  };

  /**
   * Keeps one account from filling the service with teams. Nothing else rests on the number, so the read model will do:
   * of several requests at once each may miss the teams of the others, until it shows them some milliseconds later.
   */
  async function refuseBeyondLimit(userId: string, teamId: string): Promise<void> {
    const { directory, teamSettings } = deps;
    const others = (await directory.teamsOf(userId, 0n)).filter((team) => team.teamId !== teamId);
    const limit = teamSettings.maxTeams;
    if (others.length >= limit) throw new DomainError('too-many-teams', { limit });
  }
}
