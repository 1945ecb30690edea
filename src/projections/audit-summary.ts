import type { Actor } from '../application/ports.ts';
import type { EventOf, EventType } from '../domain/events.ts';
import { installationName } from '../domain/invitation/events.ts';
import { filterWords, readings } from './audit-read-words.ts';
import { operationSentences } from './audit-summary-operations.ts';
import { checkpointSentences } from './audit-summary-checkpoints.ts';
import { teamSentences } from './audit-summary-teams.ts';
import type { Sentence, Wording } from './audit-wording.ts';

/** One readable sentence for each event; a type without one does not compile. */
const sentences: { readonly [Type in EventType]: Sentence<Type> } = {
  RegistrationSubmitted: ({ userId, name, teamName }, say) =>
    `${name ?? say.user(userId)} asked for an account${teamName === null ? '' : ` and a team ${teamName}`}`,
  InvitedRegistrationSubmitted: ({ userId, name }, say) =>
    `${name ?? say.user(userId)} asked for an account with the link of an invitation`,
  InvitedUserRegistered: ({ userId }, say) => `${say.user(userId)} has an account; the invitation proved the address`,
  InvitedRegistrationRefused: ({ userId, reason }, say) =>
    `The registration of ${say.user(userId)} by invitation was refused: ${
      reason === 'address-taken' ? 'the address has an account' : 'the invitation was withdrawn'
    }`,
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
  DeviceLoginFailed: ({ userId, reason }, say) =>
    `${say.user(userId)} failed to sign in on a trusted device: ${deviceFailures[reason]}`,
  DeviceLoginLocked: ({ userId, lockMinutes }, say) =>
    `Logins of ${say.user(userId)} on a trusted device were locked for ${lockMinutes} minutes after too many failures`,
  DeviceLoginFailuresCleared: ({ userId }, say) =>
    `The failed logins of ${say.user(userId)} on a trusted device were cleared by a good one`,
  PasswordResetIssued: ({ userId }, say) => `A link for a new password was made for ${say.user(userId)}`,
  PasswordChanged: ({ userId, reason }, say) => `${say.user(userId)} chose a new password: ${passwordChanges[reason]}`,
  PasswordChangeForced: ({ userId }, say) => `${say.user(userId)} has to choose a new password`,
  PasswordChangeOffered: ({ userId }, say) =>
    `${say.user(userId)} was let choose a new password on a trusted device, with the one to be changed`,
  PasswordRehashed: ({ userId, scheme }, say) => `The password of ${say.user(userId)} was hashed anew (${scheme})`,
  UserLocked: ({ userId }, say) => `${say.user(userId)} was locked by an administrator`,
  UserUnlocked: ({ userId }, say) => `${say.user(userId)} was unlocked, and the failed logins were forgotten`,
  UserDeactivated: ({ userId }, say) => `${say.user(userId)} was deactivated`,
  UserReactivated: ({ userId }, say) => `${say.user(userId)} was reactivated`,
  ErasureRequested: ({ userId }, say) => `It was asked to erase ${say.user(userId)}`,
  UserErased: ({ userId }, say) => `${say.user(userId)} was erased: nothing personal can be read any more`,
  UnknownLoginFailed: () => 'Somebody failed to sign in with an address that nobody holds',

  EmailAddressReserved: ({ userId }, say) => `An e-mail address was reserved for ${say.user(userId)}`,
  EmailAddressConfirmed: ({ userId }, say) => `The e-mail address of ${say.user(userId)} was confirmed`,
  EmailAddressReleased: ({ userId }, say) => `The e-mail address of ${say.user(userId)} was released`,
  RegistrationRepeated: ({ userId }, say) => `Somebody tried to register the address of ${say.user(userId)} again`,
  VerificationResendRequested: ({ userId }, say) =>
    `A new verification mail was asked for ${userId === null ? 'an address that nobody holds' : say.user(userId)}`,
  PasswordResetRequested: ({ userId }, say) =>
    `A new password was asked for ${userId === null ? 'an address that nobody holds' : say.user(userId)}`,

  LoginStarted: ({ userId, deviceTrusted }, say) =>
    `${say.user(userId)} gave the right password on a ${deviceTrusted ? 'trusted' : 'new'} device`,
  DeviceCodeRequested: ({ userId, number }, say) => `Device code number ${number} was sent to ${say.user(userId)}`,
  DeviceCodeRejected: ({ userId, tries }, say) => `${say.user(userId)} gave a wrong device code (try ${tries})`,
  LoginDeviceApproved: ({ userId }, say) => `${say.user(userId)} approved the device of a login by code`,
  LoginDenied: ({ userId, reason }, say) => `A login of ${say.user(userId)} was denied: ${denials[reason]}`,
  LoginClearedByGeo: ({ userId }, say) => `A login of ${say.user(userId)} came from where it may well come from`,
  LoginClearedWithoutGeo: ({ userId, reason }, say) =>
    `A login of ${say.user(userId)} went on unchecked: ${withoutGeo[reason]}`,
  LoginFlagged: ({ userId, signals }, say) => `A login of ${say.user(userId)} is suspicious: ${signalsIn(signals)}`,
  LoginApprovedByUser: ({ userId }, say) => `${say.user(userId)} approved a suspicious login`,
  GeoCheckCompleted: ({ userId, verdict, signals }, say) =>
    `The place of a login of ${say.user(userId)} was checked: ${verdict === 'flagged' ? signalsIn(signals) : verdict}`,
  GeoCheckFailed: ({ userId }, say) =>
    `The place of a login of ${say.user(userId)} could not be checked: the provider did not answer`,
  LoginPlaceRecorded: ({ userId }, say) => `The place that ${say.user(userId)} signed in from was remembered`,
  LoginCompleted: ({ userId, teamId }, say) => `${say.user(userId)} signed in to team ${say.team(teamId)}`,

  DeviceApproved: ({ userId, method }, say) =>
    `A device of ${say.user(userId)} became trusted by ${method === 'otp' ? 'an e-mailed code' : 'registration'}`,
  DeviceUsed: ({ userId }, say) => `${say.user(userId)} used a trusted device`,
  DeviceRemoved: ({ userId, reason }, say) =>
    `A device of ${say.user(userId)} is trusted no more: ${reason === 'by-user' ? 'it was removed' : 'a login on it was denied'}`,

  SessionStarted: ({ userId, teamId }, say) => `A session of ${say.user(userId)} in team ${say.team(teamId)} started`,
  SessionRefreshed: ({ userId }, say) => `A session of ${say.user(userId)} was refreshed`,
  SessionTeamSwitched: ({ userId, fromTeamId, teamId }, say) =>
    `A session of ${say.user(userId)} went from team ${say.team(fromTeamId)} to ${say.team(teamId)}`,
  SessionPolicyApplied: ({ userId, teamId, idleTimeoutSeconds }, say) =>
    `A session of ${say.user(userId)} now ends after ${idleTimeoutSeconds} seconds without use, as team ${say.team(teamId)} says`,
  SessionSuperseded: ({ userId }, say) => `A session of ${say.user(userId)} was superseded by a newer one`,
  SessionRevoked: ({ userId, reason }, say) =>
    reason === 'logged-out'
      ? `${say.user(userId)} logged out`
      : `A session of ${say.user(userId)} was revoked: ${revocations[reason]}`,
  SessionSuspended: ({ userId }, say) => `A session of ${say.user(userId)} was held back until its login is approved`,
  SessionResumed: ({ userId }, say) => `A session of ${say.user(userId)} goes on: its login was approved`,
  SessionExpired: ({ userId, cause }, say) =>
    `A session of ${say.user(userId)} expired ${cause === 'idle' ? 'for want of use' : 'at the end of its life'}`,

  ...teamSentences,

  InvitationIssued: ({ teamId, email, invitedBy }, say) =>
    `${invitedBy === null ? installationName : say.user(invitedBy)} invited ${email ?? 'somebody'} to team ${say.team(teamId)}`,
  InvitationResent: ({ teamId, resentBy }, say) =>
    `${say.user(resentBy)} sent an invitation to team ${say.team(teamId)} once more`,
  InvitationRevoked: ({ teamId, revokedBy }, say) =>
    `${say.user(revokedBy)} revoked an invitation to team ${say.team(teamId)}`,
  InvitationAccepted: ({ teamId, userId }, say) =>
    `${say.user(userId)} accepted an invitation to team ${say.team(teamId)}`,
  InvitationAcceptanceFailed: ({ teamId, userId, reason }, say) =>
    `Team ${say.team(teamId)} did not take ${say.user(userId)} in: ${acceptanceFailures[reason]}`,

  ...operationSentences,

  PermissionAdded: ({ permission }) => `Permission ${permission} was added to the catalogue`,
  PermissionRetired: ({ permission }) => `Permission ${permission} was retired from the catalogue`,

  ...checkpointSentences,
  AuditRead: ({ readBy, what, filter, count }, say) =>
    `${say.user(readBy)} read the history: ${readings[what]}${filterWords(filter)}${
      count === null ? '' : ` (${count} ${count === 1 ? 'entry' : 'entries'})`
    }`,

  EmailSendStarted: ({ template, userId, attempt }, say) =>
    `Sending the mail "${template}" to ${addressee(userId, say)} began (attempt ${attempt})`,
  EmailSent: ({ template, userId }, say) => `The mail "${template}" was sent to ${addressee(userId, say)}`,
  EmailRejected: ({ template, userId, reason }, say) =>
    `The mail "${template}" to ${addressee(userId, say)} was rejected: ${reason}`,
  EmailDropped: ({ template, userId }, say) =>
    `The mail "${template}" to ${addressee(userId, say)} was dropped before it left: there was no more need for it`,
};

const revocations: Record<Exclude<EventOf<'SessionRevoked'>['data']['reason'], 'logged-out'>, string> = {
  'account-deactivated': 'the account was deactivated',
  'account-locked': 'an administrator locked the account',
  'account-erased': 'the person was erased',
  'by-admin': 'somebody who manages the team or the platform ended it',
  'by-user': 'it was ended from another one',
  'device-removed': 'its device was removed',
  'login-denied': 'a suspicious login was denied',
  'member-removed': 'its person is no member of the team any more',
  'password-change-forced': 'the password has to be changed',
  'password-changed': 'the password was changed',
  'refresh-token-reused': 'its refresh token was used twice',
  'team-closed': 'the team was closed',
};

const passwordChanges: Record<EventOf<'PasswordChanged'>['data']['reason'], string> = {
  reset: 'with a link from an e-mail',
  change: 'with the current one',
  forced: 'as it had to be changed',
};

const acceptanceFailures: Record<EventOf<'InvitationAcceptanceFailed'>['data']['reason'], string> = {
  'team-closed': 'the team is closed',
  'role-retired': 'the role is not there any more',
  'inviter-lacks-rights': 'the inviter may not give this role any more',
  'already-member': 'a member already',
};

/** Of a mail; an invited address need not be anybody's. */
const addressee = (userId: string | null, say: Wording): string =>
  userId === null ? 'an invited address' : say.user(userId);

const failures: Record<EventOf<'LoginFailed'>['data']['reason'], string> = {
  'wrong-password': 'wrong password',
  'account-locked': 'the account is locked',
  'account-deactivated': 'the account is deactivated',
  'email-not-verified': 'the address is not verified',
  'password-change-required': 'the password has to be changed',
};

const deviceFailures: Record<EventOf<'DeviceLoginFailed'>['data']['reason'], string> = {
  ...failures,
  'device-locked': 'the device is locked',
};

const denials: Record<EventOf<'LoginDenied'>['data']['reason'], string> = {
  'device-code-tries': 'too many wrong codes',
  'device-code-resends': 'too many codes asked for',
  'denied-by-user': 'its owner says that it was somebody else',
};

const withoutGeo: Record<EventOf<'LoginClearedWithoutGeo'>['data']['reason'], string> = {
  timeout: 'its place was not known in time',
  'provider-down': 'the Geo-IP provider did not answer',
  'not-configured': 'no Geo-IP provider is configured',
  'place-unknown': 'nobody knows where its address is',
};

type Signal = EventOf<'LoginFlagged'>['data']['signals'][number];

const signalWords: Record<Signal, string> = {
  'new-country': 'from a new country',
  'impossible-travel': 'faster than anybody travels',
  'anonymising-network': 'through an anonymising network',
};

const signalsIn = (signals: readonly Signal[]) => signals.map((signal) => signalWords[signal]).join(', ');

/** `data` as stored for that type, opened as far as its reader may see it. */
export function summaryOf(type: EventType, data: object, actor: Actor, names: Omit<Wording, 'actor'>): string {
  const mentioned = new Set<string>();
  const user = (userId: string) => {
    mentioned.add(userId);
    return names.user(userId);
  };
  const say: Wording = {
    ...names,
    user,
    actor: () => (actor.kind === 'user' ? user(actor.userId) : actors[actor.kind]),
  };
  const sentence = (sentences[type] as (data: object, say: Wording) => string)(data, say);
  const isLeftOut = actor.kind === 'user' && !mentioned.has(actor.userId);
  return isLeftOut ? `${sentence} (by ${names.user(actor.userId)})` : sentence;
}

const actors = { anonymous: 'Somebody', system: 'The service' } as const;
