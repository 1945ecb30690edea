import type { Context, EventStore } from '../../application/ports.ts';
import type { Job } from '../job.ts';
import { reactionJob } from '../reaction-job.ts';

type UseCase<Request> = (request: Request, context: Context) => Promise<unknown>;

/** `position`: of the event, which read models have to have seen. */
export interface TeamFollowUps {
  readonly followTeam: UseCase<{ userId: string; teamId: string; position: bigint }>;
  readonly followTeamPolicy: UseCase<{ teamId: string; position: bigint }>;
  readonly followTeamClosing: UseCase<{ teamId: string; position: bigint }>;
}

/** What a change of a team means for the sessions in it. */
export function teamFollowUps(
  eventStore: Pick<EventStore, 'readStream'>,
  useCases: TeamFollowUps,
): Readonly<Record<'leave-team-sessions' | 'close-team-sessions' | 'apply-session-policy', Job>> {
  return {
    // Also of who has just switched to a team: removed from it at that moment, they may not stay.
    'leave-team-sessions': reactionJob(
      'leave-team-sessions',
      ['MemberRemoved', 'MemberLeft', 'SessionTeamSwitched'],
      eventStore,
      ({ event: { data }, position }, context) =>
        useCases.followTeam({ userId: data.userId, teamId: data.teamId, position }, context),
    ),
    'close-team-sessions': reactionJob(
      'close-team-sessions',
      ['TeamClosed'],
      eventStore,
      ({ event: { data }, position }, context) =>
        useCases.followTeamClosing({ teamId: data.teamId, position }, context),
    ),
    'apply-session-policy': reactionJob(
      'apply-session-policy',
      ['SessionPolicyChanged'],
      eventStore,
      ({ event: { data }, position }, context) => useCases.followTeamPolicy({ teamId: data.teamId, position }, context),
    ),
  };
}
