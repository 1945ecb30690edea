import { z } from 'zod';

import type { EventOf, EventType } from '../domain/events.ts';
import { auditCheckpointSchemas } from './audit-checkpoint-schemas.ts';
import { auditRead, retentionSet } from './audit-event-schemas.ts';
import { riskInputs, riskSignals, visitedPlace } from './place-schemas.ts';
import { deviceLoginFailure, loginFailure, userAdministration } from './user-schemas.ts';
import { emailTemplate } from './email-template-schema.ts';
import { operationSchemas } from './operation-event-schemas.ts';
import { teamSchemas } from './team-event-schemas.ts';

const id = z.string().min(1);
const text = z.string();
const time = z.iso.datetime();
const count = z.int().nonnegative();
const flag = z.boolean();
const transport = z.enum(['bearer', 'cookie']);

const verificationDue = z.strictObject({ userId: id, verificationId: id, verificationExpiresAt: time, at: time });
const addressHeld = z.strictObject({ emailHash: id, userId: id, at: time });
const sessionOf = { sessionId: id, userId: id, teamId: id };
const invitationOf = { invitationId: id, teamId: id, tokenId: id };
const mailTo = { messageId: id, userId: id.nullable(), template: emailTemplate };

const loginOf = { loginId: id, userId: id };
export type EventSchemas = { readonly [Type in EventType]: z.ZodType<EventOf<Type>['data']> };

/** The data of every stored event at its newest version. The domain type is the contract: a mismatch does not compile. */
export const eventSchemas = {
  RegistrationSubmitted: z.strictObject({
    userId: id,
    emailHash: id,
    email: text.nullable(),
    name: text.nullable(),
    teamName: text.nullable(),
    teamId: id,
    credentialId: id,
    deviceId: id,
    at: time,
  }),
  InvitedRegistrationSubmitted: z.strictObject({
    userId: id,
    emailHash: id,
    email: text.nullable(),
    name: text.nullable(),
    credentialId: id,
    deviceId: id,
    invitationId: id,
    tokenId: id,
    at: time,
  }),
  InvitedUserRegistered: z.strictObject({ userId: id, invitationId: id, deviceId: id, at: time }),
  InvitedRegistrationRefused: z.strictObject({
    userId: id,
    reason: z.enum(['address-taken', 'invitation-refused']),
    at: time,
  }),
  UserRegistered: verificationDue,
  RegistrationRefused: z.strictObject({ userId: id, reason: z.literal('address-taken'), at: time }),
  VerificationRequested: verificationDue,
  EmailVerified: z.strictObject({
    userId: id,
    verificationId: id,
    teamId: id,
    trustedDeviceId: id.nullable(),
    at: time,
  }),
  RegistrationLapsed: z.strictObject({ userId: id, emailHash: id, at: time }),
  LoginFailed: z.strictObject({
    userId: id,
    loginId: id,
    reason: loginFailure,
    at: time,
  }),
  ...userAdministration,
  ErasureRequested: z.strictObject({ userId: id, at: time }),
  UserErased: z.strictObject({ userId: id, emailHash: id, receiptId: id, email: text.nullable(), at: time }),
  AccountLocked: z.strictObject({ userId: id, until: time, lockMinutes: count, at: time }),
  LoginFailuresCleared: z.strictObject({ userId: id, loginId: id, at: time }),
  PasswordResetIssued: z.strictObject({ userId: id, resetId: id, expiresAt: time, at: time }),
  PasswordChanged: z.strictObject({
    userId: id,
    credentialId: id,
    replacedCredentialId: id,
    reason: z.enum(['reset', 'change', 'forced']),
    keepSessionId: id.nullable(),
    at: time,
  }),
  PasswordChangeForced: z.strictObject({ userId: id, by: id.nullable(), at: time }),
  PasswordChangeOffered: z.strictObject({ userId: id, loginId: id, changeId: id, expiresAt: time, at: time }),
  PasswordRehashed: z.strictObject({ userId: id, credentialId: id, scheme: text, pepperVersion: count, at: time }),
  DeviceLoginFailed: z.strictObject({
    userId: id,
    loginId: id,
    deviceId: id,
    reason: deviceLoginFailure,
    at: time,
  }),
  DeviceLoginLocked: z.strictObject({ userId: id, deviceId: id, until: time, lockMinutes: count, at: time }),
  DeviceLoginFailuresCleared: z.strictObject({ userId: id, loginId: id, deviceId: id, at: time }),

  EmailAddressReserved: addressHeld,
  EmailAddressConfirmed: addressHeld,
  EmailAddressReleased: z.strictObject({
    emailHash: id,
    userId: id,
    reason: z.enum(['registration-lapsed', 'invitation-refused', 'person-erased']),
    at: time,
  }),
  RegistrationRepeated: z.strictObject({ emailHash: id, userId: id, confirmed: flag, at: time }),
  VerificationResendRequested: z.strictObject({ emailHash: id, userId: id.nullable(), at: time }),
  PasswordResetRequested: z.strictObject({ emailHash: id, userId: id.nullable(), at: time }),

  ...teamSchemas,

  InvitationIssued: z.strictObject({
    ...invitationOf,
    roleId: id,
    emailHash: id,
    email: text.nullable(),
    invitedBy: id.nullable(),
    expiresAt: time,
    at: time,
  }),
  InvitationResent: z.strictObject({ ...invitationOf, resentBy: id, at: time }),
  InvitationRevoked: z.strictObject({ ...invitationOf, revokedBy: id, at: time }),
  InvitationAccepted: z.strictObject({ ...invitationOf, roleId: id, userId: id, invitedBy: id.nullable(), at: time }),
  InvitationAcceptanceFailed: z.strictObject({
    ...invitationOf,
    userId: id,
    reason: z.enum(['team-closed', 'role-retired', 'inviter-lacks-rights', 'already-member']),
    at: time,
  }),

  LoginStarted: z.strictObject({
    loginId: id,
    userId: id,
    deviceId: id,
    deviceTrusted: flag,
    remember: flag,
    transport,
    expiresAt: time,
    at: time,
  }),
  DeviceCodeRequested: z.strictObject({
    loginId: id,
    userId: id,
    codeId: id,
    number: count,
    expiresAt: time,
    at: time,
  }),
  DeviceCodeRejected: z.strictObject({ loginId: id, userId: id, codeId: id, tries: count, at: time }),
  LoginDeviceApproved: z.strictObject({ loginId: id, userId: id, deviceId: id, codeId: id, at: time }),
  LoginDenied: z.strictObject({
    loginId: id,
    userId: id,
    reason: z.enum(['device-code-tries', 'device-code-resends', 'denied-by-user']),
    at: time,
  }),
  LoginClearedByGeo: z.strictObject({ ...loginOf, ruleVersion: count, inputs: riskInputs.nullable(), at: time }),
  LoginClearedWithoutGeo: z.strictObject({
    ...loginOf,
    reason: z.enum(['timeout', 'provider-down', 'not-configured', 'place-unknown']),
    at: time,
  }),
  LoginFlagged: z.strictObject({
    ...loginOf,
    ruleVersion: count,
    signals: riskSignals,
    inputs: riskInputs.nullable(),
    decisionId: id,
    expiresAt: time,
    at: time,
  }),
  LoginApprovedByUser: z.strictObject({ ...loginOf, decisionId: id, at: time }),
  GeoCheckCompleted: z.strictObject({
    ...loginOf,
    verdict: z.enum(['clear', 'flagged', 'unknown']),
    ruleVersion: count,
    signals: riskSignals,
    inputs: riskInputs.nullable(),
    at: time,
  }),
  GeoCheckFailed: z.strictObject({ ...loginOf, reason: z.literal('provider-down'), at: time }),
  LoginPlaceRecorded: z.strictObject({
    ...loginOf,
    last: visitedPlace.nullable(),
    countries: z.array(text).nullable(),
    at: time,
  }),
  LoginCompleted: z.strictObject({
    loginId: id,
    userId: id,
    deviceId: id,
    teamId: id,
    roleId: id,
    sessionId: id,
    remember: flag,
    transport,
    at: time,
  }),
  UnknownLoginFailed: z.strictObject({ date: z.iso.date(), emailHash: id, loginId: id, at: time }),

  DeviceApproved: z.strictObject({
    userId: id,
    deviceId: id,
    method: z.enum(['registration', 'otp']),
    loginId: id.nullable(),
    trustedUntil: time,
    at: time,
  }),
  DeviceUsed: z.strictObject({ userId: id, deviceId: id, loginId: id, trustedUntil: time, at: time }),
  DeviceRemoved: z.strictObject({ userId: id, deviceId: id, reason: z.enum(['by-user', 'login-denied']), at: time }),

  SessionStarted: z.strictObject({
    ...sessionOf,
    roleId: id,
    deviceId: id,
    loginId: id,
    remember: flag,
    transport,
    idleTimeoutSeconds: count,
    expiresAt: time,
    at: time,
  }),
  SessionRefreshed: z.strictObject({ ...sessionOf, generation: count, at: time }),
  SessionTeamSwitched: z.strictObject({ ...sessionOf, fromTeamId: id, roleId: id, at: time }),
  SessionPolicyApplied: z.strictObject({ ...sessionOf, idleTimeoutSeconds: count, at: time }),
  SessionSuperseded: z.strictObject({ ...sessionOf, bySessionId: id, byDeviceId: id, at: time }),
  SessionRevoked: z.strictObject({
    ...sessionOf,
    reason: z.enum([
      'account-deactivated',
      'account-erased',
      'account-locked',
      'by-admin',
      'by-user',
      'device-removed',
      'logged-out',
      'login-denied',
      'member-removed',
      'password-change-forced',
      'password-changed',
      'refresh-token-reused',
      'team-closed',
    ]),
    at: time,
  }),
  SessionSuspended: z.strictObject({ ...sessionOf, loginId: id, at: time }),
  SessionResumed: z.strictObject({ ...sessionOf, loginId: id, at: time }),
  SessionExpired: z.strictObject({ ...sessionOf, cause: z.enum(['idle', 'absolute']), at: time }),

  EmailSendStarted: z.strictObject({ ...mailTo, attempt: count, at: time }),
  EmailSent: z.strictObject({ ...mailTo, providerMessageId: id, at: time }),
  EmailRejected: z.strictObject({
    ...mailTo,
    reason: z.enum(['invalid-recipient', 'inactive-recipient', 'recipient-erased']),
    at: time,
  }),
  EmailDropped: z.strictObject({ ...mailTo, reason: z.literal('no-longer-needed'), at: time }),

  ...operationSchemas,

  PermissionAdded: z.strictObject({ permission: id, description: text, at: time }),
  PermissionRetired: z.strictObject({ permission: id, at: time }),

  AuditRead: auditRead,
  ...auditCheckpointSchemas,
  RetentionSet: retentionSet,
} satisfies EventSchemas;

export const eventTypes = Object.keys(eventSchemas) as readonly EventType[];

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventSchemas, type);
}
