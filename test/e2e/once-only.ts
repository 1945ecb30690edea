import type { EventType } from '../../src/domain/events.ts';
import type { LoggedEvent } from './event-log.ts';

/** What no two events of a type may have in common; `cause` is the event or request that they followed from. */
const identities: Readonly<Record<EventType, readonly string[]>> = {
  AuditRead: ['cause'],
  CheckpointSigned: ['size'],
  CheckpointCosigned: ['size', 'line'],
  AuditMismatchFound: ['mismatch', 'index', 'eventId', 'detail'],
  RegistrationSubmitted: ['userId'],
  UserRegistered: ['userId'],
  InvitedRegistrationSubmitted: ['userId'],
  InvitedUserRegistered: ['userId'],
  InvitedRegistrationRefused: ['userId'],
  RegistrationRefused: ['userId'],
  VerificationRequested: ['verificationId'],
  EmailVerified: ['userId'],
  RegistrationLapsed: ['userId'],
  AccountLocked: ['userId', 'until'],
  LoginFailed: ['loginId'],
  LoginFailuresCleared: ['loginId'],
  PasswordResetIssued: ['resetId'],
  PasswordChanged: ['credentialId'],
  PasswordChangeForced: ['userId', 'at'],
  PasswordChangeOffered: ['changeId'],
  PasswordRehashed: ['credentialId', 'at'],
  UserLocked: ['userId', 'at'],
  UserUnlocked: ['userId', 'at'],
  UserDeactivated: ['userId', 'at'],
  UserReactivated: ['userId', 'at'],
  ErasureRequested: ['userId', 'at'],
  UserErased: ['userId'],
  DeviceLoginFailed: ['loginId'],
  DeviceLoginLocked: ['deviceId', 'until'],
  DeviceLoginFailuresCleared: ['loginId'],
  UnknownLoginFailed: ['loginId'],

  EmailAddressReserved: ['emailHash'],
  EmailAddressConfirmed: ['emailHash'],
  EmailAddressReleased: ['userId'],
  RegistrationRepeated: ['emailHash', 'cause'],
  VerificationResendRequested: ['emailHash', 'cause'],
  PasswordResetRequested: ['emailHash', 'cause'],

  TeamCreated: ['teamId'],
  PlatformTeamFounded: ['teamId'],
  TeamRenamed: ['teamId', 'cause'],
  SessionPolicyChanged: ['teamId', 'cause'],
  TeamClosed: ['teamId'],
  RoleAdded: ['teamId', 'name'],
  RoleChanged: ['roleId', 'cause'],
  RoleRetired: ['roleId'],
  MemberAdded: ['teamId', 'userId'],
  MemberJoined: ['tokenId'],
  MemberRoleChanged: ['teamId', 'userId', 'cause'],
  OwnershipTransferred: ['teamId', 'cause'],
  MemberRemoved: ['teamId', 'userId', 'cause'],
  MemberLeft: ['teamId', 'userId', 'cause'],
  InvitationIssued: ['tokenId'],
  InvitationResent: ['tokenId', 'cause'],
  InvitationRevoked: ['tokenId'],
  InvitationAccepted: ['tokenId'],
  InvitationAcceptanceFailed: ['tokenId'],
  DeviceApproved: ['userId', 'deviceId'],
  DeviceUsed: ['loginId'],
  DeviceRemoved: ['deviceId', 'at'],

  LoginStarted: ['loginId'],
  DeviceCodeRequested: ['loginId', 'number'],
  DeviceCodeRejected: ['loginId', 'tries'],
  LoginDeviceApproved: ['loginId'],
  LoginDenied: ['loginId'],
  LoginCompleted: ['loginId'],

  LoginClearedByGeo: ['loginId'],
  LoginClearedWithoutGeo: ['loginId'],
  LoginFlagged: ['loginId'],
  LoginApprovedByUser: ['loginId'],
  GeoCheckCompleted: ['loginId'],
  GeoCheckFailed: ['loginId'],
  LoginPlaceRecorded: ['loginId'],

  SessionStarted: ['loginId'],
  SessionRefreshed: ['sessionId', 'generation'],
  SessionTeamSwitched: ['sessionId', 'cause'],
  SessionPolicyApplied: ['sessionId', 'cause'],
  SessionSuperseded: ['sessionId'],
  SessionRevoked: ['sessionId'],
  SessionSuspended: ['sessionId'],
  SessionResumed: ['sessionId'],
  SessionExpired: ['sessionId'],

  PermissionAdded: ['permission'],
  PermissionRetired: ['permission'],

  EmailSendStarted: ['messageId', 'attempt'],
  EmailSent: ['messageId'],
  EmailRejected: ['messageId'],
  EmailDropped: ['messageId'],
  EmailParked: ['messageId', 'at'],
  EmailRetryRequested: ['messageId', 'cause'],
  EmailBounced: ['messageId', 'bounceId'],
  EmailComplained: ['messageId', 'complaintId'],
  MailSendingPaused: ['at'],
  RetentionSet: ['category', 'at'],
  MailSendingResumed: ['pausedAt'],
  AlertRaised: ['name', 'at'],
  AlertCleared: ['name', 'raisedAt'],
  VirtuozzoLinked: ['linkId'],
  VirtuozzoSessionRefreshed: ['linkId', 'cause'],
  VirtuozzoOutageBegan: ['linkId', 'at'],
  VirtuozzoOutageEnded: ['linkId', 'beganAt'],
  VirtuozzoRefreshFailed: ['linkId', 'at'],
  VirtuozzoUnlinked: ['linkId'],
};

/** Says which events were recorded more than once; empty when none was. */
export function doubledEvents(events: readonly LoggedEvent[]): string[] {
  return [...repeated(events.map(({ id }) => `event id ${id}`)), ...repeated(events.map(identityOf))];
}

function identityOf({ type, data, metadata }: LoggedEvent): string {
  const values = identities[type].map((name) => String(name === 'cause' ? metadata['$causationId'] : data[name]));
  return `${type} ${values.join(' ')}`;
}

export function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.has(name) || !seen.add(name));
}
