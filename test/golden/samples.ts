import type { EventOf, EventType } from '../../src/domain/events.ts';

const userId = '0192a000-0000-7000-8000-000000000001';
const teamId = '0192a000-0000-7000-8000-000000000002';
const loginId = '0192a000-0000-7000-8000-000000000003';
const sessionId = '0192a000-0000-7000-8000-000000000004';
const roleId = '0192a000-0000-7000-8000-000000000005';
const verificationId = '0192a000-0000-7000-8000-000000000006';
const codeId = '0192a000-0000-7000-8000-000000000007';
const credentialId = '0192a000-0000-7000-8000-000000000008';
const messageId = '0192a000-0000-8000-8000-000000000009';
const deviceId = '0192a000-0000-8000-8000-00000000000a';
const invitationId = '0192a000-0000-8000-8000-00000000000c';
const tokenId = '0192a000-0000-7000-8000-00000000000d';
const invitedBy = '0192a000-0000-7000-8000-00000000000e';
const emailHash = 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90';
const at = '2026-01-02T03:04:05.678Z';
const later = '2026-01-03T03:04:05.678Z';
const invitation = { invitationId, teamId, tokenId, at };
const verification = { userId, verificationId, verificationExpiresAt: later, at };
const held = { emailHash, userId, at };
const session = { sessionId, userId, teamId, at };
const mail = { messageId, userId, template: 'verification', at } as const;

const berlin = {
  country: 'DE',
  city: 'Berlin',
  latitude: 52.5,
  longitude: 13.4,
  accuracyKm: 50,
  anonymous: false,
};
const riskInputs = {
  place: { ...berlin, country: 'JP', city: null, latitude: 35.7, longitude: 139.7 },
  at: later,
  previous: { place: berlin, at },
  knownCountries: ['DE'],
  distanceKm: 8814.2,
  speedKmh: 367.26,
};

/** One event of every type, as the domain of today makes it. */
export const samples: { readonly [Type in EventType]: EventOf<Type>['data'] } = {
  RegistrationSubmitted: {
    userId,
    emailHash,
    email: 'jürgen@example.org',
    name: 'Jürgen Weiß',
    teamName: 'Weiß & Söhne',
    teamId,
    credentialId,
    deviceId,
    at,
  },
  InvitedRegistrationSubmitted: {
    userId,
    emailHash,
    email: 'jürgen@example.org',
    name: 'Jürgen Weiß',
    credentialId,
    deviceId,
    invitationId,
    tokenId,
    at,
  },
  InvitedUserRegistered: { userId, invitationId, deviceId, at },
  InvitedRegistrationRefused: { userId, reason: 'invitation-refused', at },
  UserRegistered: verification,
  RegistrationRefused: { userId, reason: 'address-taken', at },
  VerificationRequested: verification,
  EmailVerified: { userId, verificationId, teamId, trustedDeviceId: null, at },
  RegistrationLapsed: { userId, emailHash, at },
  LoginFailed: { userId, loginId, reason: 'wrong-password', at },
  AccountLocked: { userId, until: later, lockMinutes: 15, at },
  LoginFailuresCleared: { userId, loginId, at },
  DeviceLoginFailed: { userId, loginId, deviceId, reason: 'wrong-password', at },
  DeviceLoginLocked: { userId, deviceId, until: later, lockMinutes: 15, at },
  DeviceLoginFailuresCleared: { userId, loginId, deviceId, at },
  PasswordResetIssued: { userId, resetId: codeId, expiresAt: later, at },
  PasswordChanged: {
    userId,
    credentialId,
    replacedCredentialId: '0192a000-0000-7000-8000-00000000000c',
    reason: 'change',
    keepSessionId: sessionId,
    at,
  },
  PasswordChangeForced: { userId, by: null, at },
  PasswordChangeOffered: { userId, loginId, changeId: codeId, expiresAt: later, at },
  PasswordRehashed: { userId, credentialId, scheme: 'bcrypt-hmac-sha384-12', pepperVersion: 2, at },
  EmailAddressReserved: held,
  EmailAddressConfirmed: held,
  EmailAddressReleased: { ...held, reason: 'registration-lapsed' },
  RegistrationRepeated: { ...held, confirmed: true },
  PasswordResetRequested: { emailHash, userId: null, at },
  VerificationResendRequested: { emailHash, userId: null, at },
  TeamCreated: { teamId, name: 'Weiß & Söhne', createdBy: userId, at },
  RoleAdded: { teamId, roleId, name: 'Developer', kind: 'developer', grants: ['team.view', 'site.*'], at },
  MemberAdded: { teamId, userId, roleId, at },
  MemberJoined: { teamId, userId, roleId, invitationId, tokenId, invitedBy, at },
  InvitationIssued: {
    ...invitation,
    roleId,
    emailHash,
    email: 'jürgen@example.org',
    invitedBy,
    expiresAt: later,
  },
  InvitationResent: { ...invitation, resentBy: invitedBy },
  InvitationRevoked: { ...invitation, revokedBy: invitedBy },
  InvitationAccepted: { ...invitation, roleId, userId, invitedBy },
  InvitationAcceptanceFailed: { ...invitation, userId, reason: 'role-retired' },
  LoginStarted: {
    loginId,
    userId,
    deviceId,
    deviceTrusted: false,
    remember: true,
    transport: 'cookie',
    expiresAt: later,
    at,
  },
  DeviceCodeRequested: { loginId, userId, codeId, number: 1, expiresAt: later, at },
  DeviceCodeRejected: { loginId, userId, codeId, tries: 2, at },
  LoginDeviceApproved: { loginId, userId, deviceId, codeId, at },
  LoginDenied: { loginId, userId, reason: 'device-code-tries', at },
  LoginCompleted: {
    loginId,
    userId,
    deviceId,
    teamId,
    roleId,
    sessionId,
    remember: true,
    transport: 'cookie',
    at,
  },
  LoginClearedByGeo: { loginId, userId, ruleVersion: 1, inputs: riskInputs, at },
  LoginClearedWithoutGeo: { loginId, userId, reason: 'timeout', at },
  LoginFlagged: {
    loginId,
    userId,
    ruleVersion: 1,
    signals: ['new-country', 'impossible-travel'],
    inputs: riskInputs,
    decisionId: codeId,
    expiresAt: later,
    at,
  },
  LoginApprovedByUser: { loginId, userId, decisionId: codeId, at },
  GeoCheckCompleted: {
    loginId,
    userId,
    verdict: 'flagged',
    ruleVersion: 1,
    signals: ['new-country', 'impossible-travel'],
    inputs: riskInputs,
    at,
  },
  GeoCheckFailed: { loginId, userId, reason: 'provider-down', at },
  LoginPlaceRecorded: { userId, loginId, last: { place: berlin, at }, countries: ['DE', 'FR'], at },
  UnknownLoginFailed: { date: '2026-01-02', emailHash, loginId, at },
  DeviceApproved: { userId, deviceId, method: 'otp', loginId, trustedUntil: later, at },
  DeviceUsed: { userId, deviceId, loginId, trustedUntil: later, at },
  DeviceRemoved: { userId, deviceId, reason: 'by-user', at },
  SessionStarted: {
    ...session,
    roleId,
    deviceId,
    loginId,
    remember: true,
    transport: 'bearer',
    idleTimeoutSeconds: 3600,
    expiresAt: later,
  },
  SessionRefreshed: { ...session, generation: 1 },
  SessionTeamSwitched: { ...session, fromTeamId: '0192a000-0000-7000-8000-00000000000c', roleId },
  SessionSuperseded: { ...session, bySessionId: '0192a000-0000-7000-8000-00000000000b', byDeviceId: deviceId },
  SessionRevoked: { ...session, reason: 'logged-out' },
  SessionSuspended: { ...session, loginId },
  SessionResumed: { ...session, loginId },
  SessionExpired: { ...session, cause: 'idle' },
  EmailSendStarted: { ...mail, attempt: 1 },
  EmailSent: { ...mail, providerMessageId: 'b7bc2f4a-e38e-4336-af7d-e6c392c2f817' },
  EmailRejected: { ...mail, reason: 'inactive-recipient' },
  PermissionAdded: { permission: 'site.create', description: 'Create sites', at },
  PermissionRetired: { permission: 'site.create', at },
};
