import type { Context, Directory } from '../ports.ts';
import type { FollowTeam } from './follow-team.ts';

const pageSize = 500;

interface Dependencies {
  directory: Pick<Directory, 'sessionsInTeam'>;
  followTeam: FollowTeam;
}

export type FollowTeamPolicy = (request: { teamId: string; position: bigint }, context: Context) => Promise<void>;

/** What follows from a changed idle timeout: every session in the team has it. Safe to repeat, long after too. */
export function followTeamPolicy({ directory, followTeam }: Dependencies): FollowTeamPolicy {
  return async ({ teamId, position }, context) => {
    let after: string | undefined;
    do {
      const page = await directory.sessionsInTeam({ teamId, position }, after, pageSize);
      for (const userId of new Set(page.map((session) => session.userId))) {
        await followTeam({ userId, teamId, position }, context);
      }
      after = page.length === pageSize ? page.at(-1)?.sessionId : undefined;
    } while (after !== undefined);
  };
}
