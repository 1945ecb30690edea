import type { Context } from '../ports.ts';
import type { AnnounceTeam } from './announce-team.ts';
import type { TeamCopies } from './team-copies.ts';

/** Announces a team at the end of its stream, whichever event asked for it: the revision of that may be an old one. */
export type AnnounceCurrentTeam = (request: { teamId: string }, context: Context) => Promise<void>;

export function announceCurrentTeam(deps: { teamCopies: TeamCopies; announceTeam: AnnounceTeam }): AnnounceCurrentTeam {
  return async ({ teamId }) => {
    const { revision } = await deps.teamCopies(teamId, 'unknown');
    await deps.announceTeam(teamId, revision);
  };
}
