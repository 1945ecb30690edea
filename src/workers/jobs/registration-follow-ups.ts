import type { Context, EventStore } from '../../application/ports.ts';
import type { Job } from '../job.ts';
import { reactionJob } from '../reaction-job.ts';

type UseCase<Request> = (request: Request, context: Context) => Promise<unknown>;

export interface RegistrationFollowUps {
  readonly completeRegistration: UseCase<{ userId: string }>;
  /** `causedBy` is the event that asked: asking again for the same one gives the same verification. */
  readonly requestVerification: UseCase<{ userId: string; causedBy: string }>;
  readonly completeVerification: UseCase<{ userId: string }>;
  readonly forgetRegistration: UseCase<{ userId: string; emailHash: string }>;
}

type Name = 'complete-registration' | 'request-verification' | 'complete-verification' | 'forget-registration';

export function registrationFollowUps(
  eventStore: Pick<EventStore, 'readStream'>,
  useCases: RegistrationFollowUps,
): Readonly<Record<Name, Job>> {
  return {
    'complete-registration': reactionJob(
      'complete-registration',
      ['RegistrationSubmitted', 'RegistrationRefused'],
      eventStore,
      ({ event }, context) => useCases.completeRegistration({ userId: event.data.userId }, context),
    ),
    'request-verification': reactionJob(
      'request-verification',
      ['RegistrationRepeated', 'VerificationResendRequested'],
      eventStore,
      async ({ id, event }, context) => {
        const { userId } = event.data;
        if (userId !== null) await useCases.requestVerification({ userId, causedBy: id }, context);
      },
    ),
    'complete-verification': reactionJob('complete-verification', ['EmailVerified'], eventStore, ({ event }, context) =>
      useCases.completeVerification({ userId: event.data.userId }, context),
    ),
    'forget-registration': reactionJob(
      'forget-registration',
      ['RegistrationLapsed'],
      eventStore,
      ({ event }, context) => useCases.forgetRegistration(event.data, context),
    ),
  };
}
