import type { EmailTemplate } from '../domain/email/events.ts';
import type { EventOf, EventType } from '../domain/events.ts';
import type { Recorded } from '../application/ports.ts';

export type ReactionJobName = FollowUpName | MailJobName | OperationJobName;

export type OperationJobName = 'retry-email' | 'forget-virtuozzo-key' | 'unlink-closed-team';

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
  | 'announce-team'
  | 'leave-team-sessions'
  | 'close-team-sessions'
  | 'apply-session-policy'
  | 'issue-password-reset'
  | 'complete-password-change'
  | 'end-barred-sessions'
  | 'appoint-administrator'
  | 'complete-erasure'
  | 'forget-erasure';

/** What tells an inviter follows from the outcome of another mail, in the job of that one. */
export type ReactingTemplate = Exclude<EmailTemplate, 'invitation-undeliverable'>;

export type MailJobName = `mail-${ReactingTemplate}`;

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
  EmailVerified: () => ['complete-verification', 'appoint-administrator'],
  RegistrationRefused: () => ['complete-registration'],
  InvitationIssued: () => ['mail-invitation'],
  InvitationResent: () => ['mail-invitation'],
  InvitationAccepted: () => ['complete-acceptance'],
  InvitedRegistrationSubmitted: () => ['complete-invited-registration'],
  InvitedRegistrationRefused: () => ['complete-invited-registration'],
  RegistrationLapsed: () => ['forget-registration'],
  UserErased: () => ['complete-erasure', 'mail-erased'],
  EmailSent: afterMail,
  EmailRejected: afterMail,
  EmailDropped: afterMail,

  EmailRetryRequested: () => ['retry-email'],
  AlertRaised: () => ['mail-alert-raised'],
  AlertCleared: () => ['mail-alert-cleared'],
  VirtuozzoLinked: ({ replaces }) => (replaces === null ? [] : ['forget-virtuozzo-key']),
  VirtuozzoUnlinked: () => ['forget-virtuozzo-key'],
  VirtuozzoOutageBegan: () => ['mail-virtuozzo-outage'],
  VirtuozzoRefreshFailed: () => ['mail-virtuozzo-sign-in-needed'],

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
  UserLocked: () => ['end-barred-sessions', 'mail-locked-by-administrator'],
  UserDeactivated: () => ['end-barred-sessions', 'mail-account-deactivated'],
  UserReactivated: () => ['mail-account-reactivated'],

  // Roles that a team is born with are announced with its first member.
  RoleAdded: ({ kind }) => (kind === 'custom' ? ['announce-team'] : []),
  RoleChanged: () => ['announce-team'],
  RoleRetired: () => ['announce-team'],
  MemberAdded: () => ['announce-team'],
  MemberJoined: () => ['announce-team'],
  MemberRoleChanged: () => ['announce-team', 'mail-role-changed'],
  MemberRemoved: () => ['announce-team', 'leave-team-sessions', 'mail-member-removed'],
  MemberLeft: () => ['announce-team', 'leave-team-sessions'],
  OwnershipTransferred: () => ['announce-team', 'mail-ownership-transferred'],
  TeamRenamed: () => ['announce-team'],
  SessionPolicyChanged: () => ['announce-team', 'apply-session-policy'],
  TeamClosed: () => ['announce-team', 'close-team-sessions', 'mail-team-closed', 'unlink-closed-team'],

  SessionStarted: () => ['refresh-session-cache'],
  SessionSuperseded: () => ['refresh-session-cache', 'mail-session-superseded'],
  SessionRevoked: ({ reason }) =>
    reason === 'refresh-token-reused'
      ? ['refresh-session-cache', 'mail-refresh-token-reused']
      : ['refresh-session-cache'],
  SessionSuspended: () => ['refresh-session-cache'],
  SessionResumed: () => ['refresh-session-cache'],
  SessionExpired: () => ['refresh-session-cache'],
  SessionTeamSwitched: () => ['refresh-session-cache', 'leave-team-sessions'],
  SessionPolicyApplied: () => ['refresh-session-cache'],
};

/** The address of who was erased is kept for one mail only. */
function afterMail({ template }: { template: EmailTemplate }): readonly ReactionJobName[] {
  return template === 'erased' ? ['forget-erasure'] : [];
}

export interface JobToMake {
  readonly name: ReactionJobName;
  /** Where the cause stands in the log; the job reads it there. */
  readonly payload: { readonly stream: string; readonly revision: string; readonly eventId: string };
  /** From the event's id: however often the event is seen, it is one job. */
  readonly jobId: string;
  readonly delayMs?: number;
}

/** What the request does by itself is left to it first: the job is there for where it died in between. */
const leftToTheRequestMs: Partial<Record<ReactionJobName, number>> = {
  'complete-verification': 1000,
  'complete-login': 1000,
  'trust-device': 1000,
};

export function jobsFor({ id, stream, revision, event }: Recorded, table: Reactions = reactions): readonly JobToMake[] {
  const react = table[event.type] as ((data: typeof event.data) => readonly ReactionJobName[]) | undefined;
  if (react === undefined) return [];
  const payload = { stream, revision: String(revision), eventId: id };
  return react(event.data).map((name) => {
    const delayMs = leftToTheRequestMs[name];
    return { name, payload, jobId: `${name}-${id}`, ...(delayMs !== undefined && { delayMs }) };
  });
}
