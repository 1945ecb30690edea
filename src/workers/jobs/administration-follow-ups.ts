import type { Context, EventStore } from '../../application/ports.ts';
import type { Job } from '../job.ts';
import { reactionJob } from '../reaction-job.ts';

type UseCase<Request> = (request: Request, context: Context) => Promise<unknown>;

export interface AdministrationFollowUps {
  readonly endSessionsBefore: UseCase<{
    userId: string;
    position: bigint;
    reason: 'account-locked' | 'account-deactivated';
  }>;
  readonly appointAdministrator: UseCase<{ userId: string }>;
}

export function administrationFollowUps(
  eventStore: Pick<EventStore, 'readStream'>,
  useCases: AdministrationFollowUps,
): Readonly<Record<'end-barred-sessions' | 'appoint-administrator', Job>> {
  return {
    'end-barred-sessions': reactionJob(
      'end-barred-sessions',
      ['UserLocked', 'UserDeactivated'],
      eventStore,
      ({ event: { type, data }, position }, context) => {
        const reason = type === 'UserLocked' ? 'account-locked' : 'account-deactivated';
        return useCases.endSessionsBefore({ userId: data.userId, position, reason }, context);
      },
    ),
    'appoint-administrator': reactionJob(
      'appoint-administrator',
      ['EmailVerified'],
      eventStore,
      ({ event: { data } }, context) => useCases.appointAdministrator({ userId: data.userId }, context),
    ),
  };
}
