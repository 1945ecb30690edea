import type { Context, EventStore } from '../../application/ports.ts';
import type { EventOf } from '../../domain/events.ts';
import type { Job } from '../job.ts';
import { reactionJob } from '../reaction-job.ts';

type UseCase<Request> = (request: Request, context: Context) => Promise<unknown>;

export interface PasswordFollowUps {
  /** `causedBy` is the event that asked: asking again for the same one gives the same link. */
  readonly issuePasswordReset: UseCase<{ userId: string; causedBy: string; requestedAt: string }>;
  readonly completePasswordChange: UseCase<{
    userId: string;
    position: bigint;
    reason: 'password-changed' | 'password-change-forced';
    keepSessionId: string | null;
    replacedCredentialId: string | null;
  }>;
}

export function passwordFollowUps(
  eventStore: Pick<EventStore, 'readStream'>,
  useCases: PasswordFollowUps,
): Readonly<Record<'issue-password-reset' | 'complete-password-change', Job>> {
  return {
    'issue-password-reset': reactionJob(
      'issue-password-reset',
      ['PasswordResetRequested'],
      eventStore,
      async ({ id, event }, context) => {
        const { userId, at } = event.data;
        if (userId !== null) await useCases.issuePasswordReset({ userId, causedBy: id, requestedAt: at }, context);
      },
    ),
    'complete-password-change': reactionJob(
      'complete-password-change',
      ['PasswordChanged', 'PasswordChangeForced'],
      eventStore,
      ({ event, position }, context) => useCases.completePasswordChange({ ...ended(event), position }, context),
    ),
  };
}

function ended(event: EventOf<'PasswordChanged' | 'PasswordChangeForced'>) {
  const { userId } = event.data;
  if (event.type === 'PasswordChangeForced') {
    return { userId, reason: 'password-change-forced', keepSessionId: null, replacedCredentialId: null } as const;
  }
  const { keepSessionId, replacedCredentialId } = event.data;
  return { userId, reason: 'password-changed', keepSessionId, replacedCredentialId } as const;
}
