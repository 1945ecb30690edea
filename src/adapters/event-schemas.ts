import { z } from 'zod';

import type { EventOf, EventType } from '../domain/events.ts';

const id = z.string().min(1);
const text = z.string();
const time = z.iso.datetime();
const count = z.int().nonnegative();
const flag = z.boolean();
const transport = z.enum(['bearer', 'cookie']);
const template = z.enum([
  'verification',
  'already-registered',
  'device-code',
  'new-device',
  'session-superseded',
  'refresh-token-reused',
  'account-locked',
]);

const verificationDue = z.strictObject({ userId: id, verificationId: id, verificationExpiresAt: time, at: time });
const addressHeld = z.strictObject({ emailHash: id, userId: id, at: time });
const sessionOf = { sessionId: id, userId: id, teamId: id };
const mailTo = { messageId: id, userId: id, template };

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
    reason: z.enum(['wrong-password', 'account-locked', 'email-not-verified']),
    at: time,
  }),
  AccountLocked: z.strictObject({ userId: id, until: time, lockMinutes: count, at: time }),
  LoginFailuresCleared: z.strictObject({ userId: id, loginId: id, at: time }),

  EmailAddressReserved: addressHeld,
  EmailAddressConfirmed: addressHeld,
  EmailAddressReleased: z.strictObject({
    emailHash: id,
    userId: id,
    reason: z.literal('registration-lapsed'),
    at: time,
  }),
  RegistrationRepeated: z.strictObject({ emailHash: id, userId: id, confirmed: flag, at: time }),
  VerificationResendRequested: z.strictObject({ emailHash: id, userId: id.nullable(), at: time }),

  TeamCreated: z.strictObject({ teamId: id, name: text, createdBy: id, at: time }),
  RoleAdded: z.strictObject({
    teamId: id,
    roleId: id,
    name: text,
    kind: z.enum(['owner', 'manager', 'developer', 'custom']),
    grants: z.array(text),
    at: time,
  }),
  MemberAdded: z.strictObject({ teamId: id, userId: id, roleId: id, at: time }),

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
    reason: z.enum(['device-code-tries', 'device-code-resends']),
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
  SessionSuperseded: z.strictObject({ ...sessionOf, bySessionId: id, byDeviceId: id, at: time }),
  SessionRevoked: z.strictObject({
    ...sessionOf,
    reason: z.enum(['logged-out', 'refresh-token-reused']),
    at: time,
  }),
  SessionExpired: z.strictObject({ ...sessionOf, cause: z.enum(['idle', 'absolute']), at: time }),

  EmailSendStarted: z.strictObject({ ...mailTo, attempt: count, at: time }),
  EmailSent: z.strictObject({ ...mailTo, providerMessageId: id, at: time }),
  EmailRejected: z.strictObject({
    ...mailTo,
    reason: z.enum(['invalid-recipient', 'inactive-recipient', 'recipient-erased']),
    at: time,
  }),

  PermissionAdded: z.strictObject({ permission: id, description: text, at: time }),
  PermissionRetired: z.strictObject({ permission: id, at: time }),
} satisfies EventSchemas;

export const eventTypes = Object.keys(eventSchemas) as readonly EventType[];

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventSchemas, type);
}
