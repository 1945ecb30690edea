import type { EmailTemplate } from '../domain/email/events.ts';
import type { EventOf, EventType } from '../domain/events.ts';
import type { Recorded } from '../application/ports.ts';

export type ReactionJobName = FollowUpName | MailJobName;

export type FollowUpName =
  | 'complete-registration'
  | 'request-verification'
  | 'complete-verification'
  | 'forget-registration'
  | 'trust-device'
  | 'complete-login'
  | 'refresh-session-cache';

export type MailJobName = `mail-${EmailTemplate}`;

export type Reactions = {
  readonly [Type in EventType]?: (data: EventOf<Type>['data']) => readonly ReactionJobName[];
};

/** The whole policy: what follows from which event. An event that is not here is followed by nothing. */
export const reactions: Reactions = {
  RegistrationSubmitted: () => ['complete-registration'],
  UserRegistered: () => ['mail-verification'],
  VerificationRequested: () => ['mail-verification'],
  RegistrationRepeated: ({ confirmed }) => [confirmed ? 'mail-already-registered' : 'request-verification'],
  VerificationResendRequested: ({ userId }) => (userId === null ? [] : ['request-verification']),
  EmailVerified: () => ['complete-verification'],
  RegistrationRefused: () => ['complete-registration'],
  RegistrationLapsed: () => ['forget-registration'],

  DeviceCodeRequested: () => ['mail-device-code'],
  LoginDeviceApproved: () => ['trust-device'],
  DeviceApproved: ({ method }) => (method === 'otp' ? ['mail-new-device'] : []),
  LoginCompleted: () => ['complete-login'],
  AccountLocked: () => ['mail-account-locked'],

  SessionStarted: () => ['refresh-session-cache'],
  SessionSuperseded: () => ['refresh-session-cache', 'mail-session-superseded'],
  SessionRevoked: ({ reason }) =>
    reason === 'refresh-token-reused'
      ? ['refresh-session-cache', 'mail-refresh-token-reused']
      : ['refresh-session-cache'],
  SessionExpired: () => ['refresh-session-cache'],
};

export interface JobToMake {
  readonly name: ReactionJobName;
  /** Where the cause stands in the log; the job reads it there. */
  readonly payload: { readonly stream: string; readonly revision: string; readonly eventId: string };
  /** From the event's id: however often the event is seen, it is one job. */
  readonly jobId: string;
}

export function jobsFor({ id, stream, revision, event }: Recorded, table: Reactions = reactions): readonly JobToMake[] {
  const react = table[event.type] as ((data: typeof event.data) => readonly ReactionJobName[]) | undefined;
  if (react === undefined) return [];
  const payload = { stream, revision: String(revision), eventId: id };
  return react(event.data).map((name) => ({ name, payload, jobId: `${name}-${id}` }));
}
