import type { Decider } from '../../src/domain/decider.ts';
import { alert } from '../../src/domain/alert/decide.ts';
import type { AlertEvent } from '../../src/domain/alert/events.ts';
import { devices } from '../../src/domain/devices/decide.ts';
import type { DevicesEvent } from '../../src/domain/devices/events.ts';
import { emailAddress } from '../../src/domain/email-address/decide.ts';
import type { EmailAddressEvent } from '../../src/domain/email-address/events.ts';
import { email } from '../../src/domain/email/decide.ts';
import type { EmailEvent } from '../../src/domain/email/events.ts';
import type { DomainEvent, EventType } from '../../src/domain/events.ts';
import { geoCheck } from '../../src/domain/geo-check/decide.ts';
import type { GeoCheckEvent } from '../../src/domain/geo-check/events.ts';
import { invitation } from '../../src/domain/invitation/decide.ts';
import type { InvitationEvent } from '../../src/domain/invitation/events.ts';
import { login } from '../../src/domain/login/decide.ts';
import type { LoginEvent } from '../../src/domain/login/events.ts';
import { mailSending } from '../../src/domain/mail-sending/decide.ts';
import type { MailSendingEvent } from '../../src/domain/mail-sending/events.ts';
import { permissionCatalogue } from '../../src/domain/permission-catalogue/decide.ts';
import type { PermissionCatalogueEvent } from '../../src/domain/permission-catalogue/events.ts';
import { retention } from '../../src/domain/retention/decide.ts';
import type { RetentionSet } from '../../src/domain/retention/events.ts';
import { sessions } from '../../src/domain/sessions/decide.ts';
import type { SessionsEvent } from '../../src/domain/sessions/events.ts';
import { team } from '../../src/domain/team/decide.ts';
import type { TeamEvent } from '../../src/domain/team/events.ts';
import { user } from '../../src/domain/user/decide.ts';
import type { UserEvent } from '../../src/domain/user/events.ts';
import { virtuozzo } from '../../src/domain/virtuozzo/decide.ts';
import type { VirtuozzoEvent } from '../../src/domain/virtuozzo/events.ts';

interface EventsOf {
  alert: AlertEvent;
  devices: DevicesEvent;
  email: EmailEvent;
  emailAddress: EmailAddressEvent;
  geoCheck: GeoCheckEvent;
  invitation: InvitationEvent;
  login: LoginEvent;
  mailSending: MailSendingEvent;
  permissionCatalogue: PermissionCatalogueEvent;
  retention: RetentionSet;
  sessions: SessionsEvent;
  team: TeamEvent;
  user: UserEvent;
  virtuozzo: VirtuozzoEvent;
}

export type AggregateName = keyof EventsOf;
export type TypeOf<Name extends AggregateName> = EventsOf[Name]['type'];

type OwnerOf<Type extends EventType> =
  { [Name in AggregateName]: Type extends TypeOf<Name> ? Name : never }[AggregateName] extends infer Name
    ? [Name] extends [never]
      ? 'no aggregate'
      : Name
    : never;

/** An aggregate as far as it only reads: events of others must not be given to it. */
interface Folding {
  readonly initialState: unknown;
  readonly evolve: (state: unknown, event: DomainEvent) => unknown;
}

export const aggregates: { readonly [Name in AggregateName]: Folding } = {
  alert: fold(alert),
  devices: fold(devices),
  email: fold(email),
  emailAddress: fold(emailAddress),
  geoCheck: fold(geoCheck),
  invitation: fold(invitation),
  login: fold(login),
  mailSending: fold(mailSending),
  permissionCatalogue: fold(permissionCatalogue),
  retention: fold(retention),
  sessions: fold(sessions),
  team: fold(team),
  user: fold(user),
  virtuozzo: fold(virtuozzo),
};

function fold<State, Command, Event>({ initialState, evolve }: Decider<State, Command, Event>): Folding {
  return { initialState, evolve: (state, event) => evolve(state as State, event as Event) };
}

/**
 * Which aggregate folds each event; a type that is missing or has another owner does not compile. `no aggregate`: no
 * decision rests on it alone (`places-<userId>` is read by its newest event, see `loadPlaces`).
 */
export const ownerOf: { readonly [Type in EventType]: OwnerOf<Type> } = {
  RegistrationSubmitted: 'user',
  InvitedRegistrationSubmitted: 'user',
  InvitedUserRegistered: 'user',
  InvitedRegistrationRefused: 'user',
  UserRegistered: 'user',
  RegistrationRefused: 'user',
  VerificationRequested: 'user',
  EmailVerified: 'user',
  RegistrationLapsed: 'user',
  LoginFailed: 'user',
  AccountLocked: 'user',
  LoginFailuresCleared: 'user',
  DeviceLoginFailed: 'user',
  DeviceLoginLocked: 'user',
  DeviceLoginFailuresCleared: 'user',
  PasswordResetIssued: 'user',
  PasswordChanged: 'user',
  PasswordChangeForced: 'user',
  PasswordChangeOffered: 'user',
  PasswordRehashed: 'user',
  UserLocked: 'user',
  UserUnlocked: 'user',
  UserDeactivated: 'user',
  UserReactivated: 'user',
  ErasureRequested: 'user',
  UserErased: 'user',
  EmailAddressReserved: 'emailAddress',
  EmailAddressConfirmed: 'emailAddress',
  EmailAddressReleased: 'emailAddress',
  RegistrationRepeated: 'emailAddress',
  PasswordResetRequested: 'emailAddress',
  VerificationResendRequested: 'emailAddress',
  TeamCreated: 'team',
  PlatformTeamFounded: 'team',
  TeamRenamed: 'team',
  SessionPolicyChanged: 'team',
  TeamClosed: 'team',
  RoleChanged: 'team',
  RoleRetired: 'team',
  MemberRoleChanged: 'team',
  OwnershipTransferred: 'team',
  MemberRemoved: 'team',
  MemberLeft: 'team',
  RoleAdded: 'team',
  MemberAdded: 'team',
  MemberJoined: 'team',
  InvitationIssued: 'invitation',
  InvitationResent: 'invitation',
  InvitationRevoked: 'invitation',
  InvitationAccepted: 'invitation',
  InvitationAcceptanceFailed: 'invitation',
  LoginStarted: 'login',
  DeviceCodeRequested: 'login',
  DeviceCodeRejected: 'login',
  LoginDeviceApproved: 'login',
  LoginDenied: 'login',
  LoginCompleted: 'login',
  LoginClearedByGeo: 'login',
  LoginClearedWithoutGeo: 'login',
  LoginFlagged: 'login',
  LoginApprovedByUser: 'login',
  GeoCheckCompleted: 'geoCheck',
  GeoCheckFailed: 'geoCheck',
  LoginPlaceRecorded: 'no aggregate',
  UnknownLoginFailed: 'no aggregate',
  DeviceApproved: 'devices',
  DeviceUsed: 'devices',
  DeviceRemoved: 'devices',
  SessionStarted: 'sessions',
  SessionRefreshed: 'sessions',
  SessionTeamSwitched: 'sessions',
  SessionPolicyApplied: 'sessions',
  SessionSuperseded: 'sessions',
  SessionRevoked: 'sessions',
  SessionSuspended: 'sessions',
  SessionResumed: 'sessions',
  SessionExpired: 'sessions',
  EmailSendStarted: 'email',
  EmailSent: 'email',
  EmailRejected: 'email',
  EmailDropped: 'email',
  EmailParked: 'email',
  EmailRetryRequested: 'email',
  EmailBounced: 'email',
  EmailComplained: 'email',
  MailSendingPaused: 'mailSending',
  MailSendingResumed: 'mailSending',
  AlertRaised: 'alert',
  AlertCleared: 'alert',
  VirtuozzoLinked: 'virtuozzo',
  VirtuozzoSessionRefreshed: 'virtuozzo',
  VirtuozzoOutageBegan: 'virtuozzo',
  VirtuozzoOutageEnded: 'virtuozzo',
  VirtuozzoRefreshFailed: 'virtuozzo',
  VirtuozzoUnlinked: 'virtuozzo',
  PermissionAdded: 'permissionCatalogue',
  PermissionRetired: 'permissionCatalogue',
  AuditRead: 'no aggregate',
  CheckpointSigned: 'no aggregate',
  CheckpointCosigned: 'no aggregate',
  AuditMismatchFound: 'no aggregate',
  RetentionSet: 'retention',
};
