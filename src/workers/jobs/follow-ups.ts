import type { Context, EventStore } from '../../application/ports.ts';
import type { Job } from '../job.ts';
import { reactionJob } from '../reaction-job.ts';
import type { FollowUpName } from '../reactions.ts';

type UseCase<Request> = (request: Request, context: Context) => Promise<unknown>;

/** The next steps of what somebody began. Each is safe to repeat, long after too. */
export interface FollowUps {
  readonly completeRegistration: UseCase<{ userId: string }>;
  /** `causedBy` is the event that asked: asking again for the same one gives the same verification. */
  readonly requestVerification: UseCase<{ userId: string; causedBy: string }>;
  readonly completeVerification: UseCase<{ userId: string }>;
  readonly forgetRegistration: UseCase<{ userId: string; emailHash: string }>;
  readonly trustDevice: UseCase<{ loginId: string }>;
  readonly completeLogin: UseCase<{ loginId: string }>;
  readonly refreshSessionCache: UseCase<{ userId: string }>;
}

export function followUpJobs(
  eventStore: Pick<EventStore, 'readStream'>,
  useCases: FollowUps,
): Readonly<Record<FollowUpName, Job>> {
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
    'trust-device': reactionJob('trust-device', ['LoginDeviceApproved'], eventStore, ({ event }, context) =>
      useCases.trustDevice({ loginId: event.data.loginId }, context),
    ),
    'complete-login': reactionJob('complete-login', ['LoginCompleted'], eventStore, ({ event }, context) =>
      useCases.completeLogin({ loginId: event.data.loginId }, context),
    ),
    'refresh-session-cache': reactionJob(
      'refresh-session-cache',
      ['SessionStarted', 'SessionSuperseded', 'SessionRevoked', 'SessionExpired'],
      eventStore,
      ({ event }, context) => useCases.refreshSessionCache({ userId: event.data.userId }, context),
    ),
  };
}
