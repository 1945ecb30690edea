import type { Context, EventStore } from '../../application/ports.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Job } from '../job.ts';
import { reactionJob } from '../reaction-job.ts';

type UseCase<Request> = (request: Request, context: Context) => Promise<unknown>;

export interface InvitationFollowUps {
  readonly completeInvitedRegistration: UseCase<{ userId: string }>;
  readonly completeAcceptance: UseCase<{ invitationId: string; tokenId: string }>;
}

export function invitationFollowUps(
  eventStore: Pick<EventStore, 'readStream'>,
  useCases: InvitationFollowUps,
): Readonly<Record<'complete-invited-registration' | 'complete-acceptance', Job>> {
  return {
    'complete-invited-registration': reactionJob(
      'complete-invited-registration',
      ['InvitedRegistrationSubmitted', 'InvitedRegistrationRefused'],
      eventStore,
      ({ event }, context) =>
        refusalIsAnEnd(useCases.completeInvitedRegistration({ userId: event.data.userId }, context)),
    ),
    'complete-acceptance': reactionJob(
      'complete-acceptance',
      ['InvitationAccepted'],
      eventStore,
      ({ event: { data } }, context) =>
        useCases.completeAcceptance({ invitationId: data.invitationId, tokenId: data.tokenId }, context),
    ),
  };
}

/** What a person would be told; it stands in the log, and nothing is left to do. */
async function refusalIsAnEnd(step: Promise<unknown>): Promise<void> {
  await step.catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
  });
}
