import type { Actor } from '../application/ports.ts';
import type { EventOf, EventType } from '../domain/events.ts';

/** Names where they are known, else ids. */
export interface Wording {
  readonly user: (userId: string) => string;
  readonly team: (teamId: string) => string;
}

type Sentence<Type extends EventType> = (data: EventOf<Type>['data'], say: Wording) => string;

/** One readable sentence for each event; a type without one does not compile. */
const sentences: { readonly [Type in EventType]: Sentence<Type> } = {
  RegistrationSubmitted: ({ userId, name, teamName }, say) =>
    `${name ?? say.user(userId)} asked for an account${teamName === null ? '' : ` and a team ${teamName}`}`,
  UserRegistered: ({ userId }, say) => `${say.user(userId)} registered; the address is reserved until it is verified`,
  RegistrationRefused: ({ userId }, say) => `The registration of ${say.user(userId)} was refused: the address is taken`,
  VerificationRequested: ({ userId }, say) => `A new verification link was made for ${say.user(userId)}`,
  EmailVerified: ({ userId, trustedDeviceId }, say) =>
    `${say.user(userId)} verified the e-mail address${trustedDeviceId === null ? '' : ' on the device that registered'}`,
  RegistrationLapsed: ({ userId }, say) => `The registration of ${say.user(userId)} lapsed without verification`,
  LoginFailed: ({ userId, reason }, say) => `${say.user(userId)} failed to sign in: ${failures[reason]}`,
  AccountLocked: ({ userId, lockMinutes }, say) =>
    `${say.user(userId)} was locked for ${lockMinutes} minutes after too many failures`,
  LoginFailuresCleared: ({ userId }, say) => `The failed logins of ${say.user(userId)} were cleared by a good one`,
  UnknownLoginFailed: () => 'Somebody failed to sign in with an address that nobody holds',

  EmailAddressReserved: ({ userId }, say) => `An e-mail address was reserved for ${say.user(userId)}`,
  EmailAddressConfirmed: ({ userId }, say) => `The e-mail address of ${say.user(userId)} was confirmed`,
  EmailAddressReleased: ({ userId }, say) => `The e-mail address of ${say.user(userId)} was released`,
  RegistrationRepeated: ({ userId }, say) => `Somebody tried to register the address of ${say.user(userId)} again`,
  VerificationResendRequested: ({ userId }, say) =>
    `A new verification mail was asked for ${userId === null ? 'an address that nobody holds' : say.user(userId)}`,

  LoginStarted: ({ userId, deviceTrusted }, say) =>
    `${say.user(userId)} gave the right password on a ${deviceTrusted ? 'trusted' : 'new'} device`,
  DeviceCodeRequested: ({ userId, number }, say) => `Device code number ${number} was sent to ${say.user(userId)}`,
  DeviceCodeRejected: ({ userId, tries }, say) => `${say.user(userId)} gave a wrong device code (try ${tries})`,
  LoginDeviceApproved: ({ userId }, say) => `${say.user(userId)} approved the device of a login by code`,
  LoginDenied: ({ userId, reason }, say) => `A login of ${say.user(userId)} was denied: ${denials[reason]}`,
  LoginCompleted: ({ userId, teamId }, say) => `${say.user(userId)} signed in to team ${say.team(teamId)}`,

  DeviceApproved: ({ userId, method }, say) =>
    `A device of ${say.user(userId)} became trusted by ${method === 'otp' ? 'an e-mailed code' : 'registration'}`,
  DeviceUsed: ({ userId }, say) => `${say.user(userId)} used a trusted device`,

  SessionStarted: ({ userId, teamId }, say) => `A session of ${say.user(userId)} in team ${say.team(teamId)} started`,
  SessionRefreshed: ({ userId }, say) => `A session of ${say.user(userId)} was refreshed`,
  SessionSuperseded: ({ userId }, say) => `A session of ${say.user(userId)} was superseded by a newer one`,
  SessionRevoked: ({ userId, reason }, say) =>
    reason === 'logged-out'
      ? `${say.user(userId)} logged out`
      : `A session of ${say.user(userId)} was revoked: its refresh token was used twice`,
  SessionExpired: ({ userId, cause }, say) =>
    `A session of ${say.user(userId)} expired ${cause === 'idle' ? 'for want of use' : 'at the end of its life'}`,

  TeamCreated: ({ name, createdBy }, say) => `${say.user(createdBy)} created team ${name}`,
  RoleAdded: ({ teamId, name }, say) => `Role ${name} was added to team ${say.team(teamId)}`,
  MemberAdded: ({ teamId, userId }, say) => `${say.user(userId)} became a member of team ${say.team(teamId)}`,

  PermissionAdded: ({ permission }) => `Permission ${permission} was added to the catalogue`,
  PermissionRetired: ({ permission }) => `Permission ${permission} was retired from the catalogue`,

  EmailSendStarted: ({ template, userId, attempt }, say) =>
    `Sending the mail "${template}" to ${say.user(userId)} began (attempt ${attempt})`,
  EmailSent: ({ template, userId }, say) => `The mail "${template}" was sent to ${say.user(userId)}`,
  EmailRejected: ({ template, userId, reason }, say) =>
    `The mail "${template}" to ${say.user(userId)} was rejected: ${reason}`,
};

const failures: Record<EventOf<'LoginFailed'>['data']['reason'], string> = {
  'wrong-password': 'wrong password',
  'account-locked': 'the account is locked',
  'email-not-verified': 'the address is not verified',
};

const denials: Record<EventOf<'LoginDenied'>['data']['reason'], string> = {
  'device-code-tries': 'too many wrong codes',
  'device-code-resends': 'too many codes asked for',
};

/** `data` as stored for that type, opened as far as its reader may see it. */
export function summaryOf(type: EventType, data: object, actor: Actor, say: Wording): string {
  const sentence = (sentences[type] as (data: object, say: Wording) => string)(data, say);
  const subject = 'userId' in data ? data.userId : 'createdBy' in data ? data.createdBy : undefined;
  const byOther = actor.kind === 'user' && subject !== undefined && subject !== actor.userId;
  return byOther ? `${sentence} (by ${say.user(actor.userId)})` : sentence;
}
