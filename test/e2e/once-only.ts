import type { EventType } from '../../src/domain/events.ts';
import type { LoggedEvent } from './event-log.ts';

/** What no two events of a type may have in common; `cause` is the event or request that they followed from. */
const identities: Readonly<Record<EventType, readonly string[]>> = {
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

  TeamCreated: ['createdBy'],
  RoleAdded: ['teamId', 'name'],
  MemberAdded: ['teamId', 'userId'],
  MemberJoined: ['tokenId'],
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
