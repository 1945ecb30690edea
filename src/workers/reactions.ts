import type { EmailTemplate } from '../domain/email/events.ts';
import type { EventOf, EventType } from '../domain/events.ts';
import type { Recorded } from '../application/ports.ts';

export type ReactionJobName = FollowUpName | MailJobName;

export type FollowUpName =
  | 'complete-registration'
  | 'request-verification'
  | 'complete-verification'
  | 'complete-invited-registration'
  | 'complete-acceptance'
  | 'forget-registration'
  | 'trust-device'
  | 'end-device-sessions'
  | 'complete-login'
  | 'check-login-place'
  | 'settle-login'
  | 'refresh-session-cache'
  | 'issue-password-reset'
  | 'complete-password-change';

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
  InvitationIssued: () => ['mail-invitation'],
  InvitationResent: () => ['mail-invitation'],
  InvitationAccepted: () => ['complete-acceptance'],
  InvitedRegistrationSubmitted: () => ['complete-invited-registration'],
  InvitedRegistrationRefused: () => ['complete-invited-registration'],
  RegistrationLapsed: () => ['forget-registration'],

  LoginStarted: () => ['check-login-place'],
  LoginFlagged: () => ['settle-login', 'mail-suspicious-login'],
  LoginApprovedByUser: () => ['settle-login'],
  LoginDenied: ({ reason }) => (reason === 'denied-by-user' ? ['settle-login'] : []),
  DeviceCodeRequested: () => ['mail-device-code'],
  LoginDeviceApproved: () => ['trust-device'],
  DeviceApproved: ({ method }) => (method === 'otp' ? ['mail-new-device'] : []),
  DeviceRemoved: () => ['end-device-sessions'],
  LoginCompleted: () => ['complete-login'],
  AccountLocked: () => ['mail-account-locked'],
  PasswordResetRequested: ({ userId }) => (userId === null ? [] : ['issue-password-reset']),
  PasswordResetIssued: () => ['mail-password-reset'],
  PasswordChanged: () => ['complete-password-change', 'mail-password-changed'],
  PasswordChangeForced: () => ['complete-password-change', 'mail-password-change-forced'],
  DeviceLoginLocked: () => ['mail-account-locked'],

  SessionStarted: () => ['refresh-session-cache'],
  SessionSuperseded: () => ['refresh-session-cache', 'mail-session-superseded'],
  SessionRevoked: ({ reason }) =>
    reason === 'refresh-token-reused'
      ? ['refresh-session-cache', 'mail-refresh-token-reused']
      : ['refresh-session-cache'],
  SessionSuspended: () => ['refresh-session-cache'],
  SessionResumed: () => ['refresh-session-cache'],
  SessionExpired: () => ['refresh-session-cache'],
  SessionTeamSwitched: () => ['refresh-session-cache'],
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
