import type { Context, EventStore } from '../../application/ports.ts';
import type { Job } from '../job.ts';
import { reactionJob } from '../reaction-job.ts';

export interface TeamAnnouncing {
  readonly announceCurrentTeam: (request: { teamId: string }, context: Context) => Promise<void>;
}

/** After every change of a team: whoever made it may have been killed before it was announced. */
export const announceTeamJob = (eventStore: Pick<EventStore, 'readStream'>, useCases: TeamAnnouncing): Job =>
  reactionJob(
    'announce-team',
    [
      'RoleAdded',
      'RoleChanged',
      'RoleRetired',
      'MemberAdded',
      'MemberJoined',
      'MemberRoleChanged',
      'MemberRemoved',
      'MemberLeft',
      'OwnershipTransferred',
      'TeamRenamed',
      'SessionPolicyChanged',
      'TeamClosed',
    ],
    eventStore,
    ({ event }, context) => useCases.announceCurrentTeam({ teamId: event.data.teamId }, context),
  );
