import type { AggregateName, TypeOf } from './aggregates.ts';

const registered = ['RegistrationSubmitted', 'UserRegistered'] as const;
const verified = [...registered, 'EmailVerified'] as const;
const invited = ['InvitedRegistrationSubmitted', 'InvitedUserRegistered'] as const;
const loginWithCode = ['LoginStarted', 'DeviceCodeRequested', 'LoginDeviceApproved'] as const;

/** Histories of one stream each, told with the golden events: in an order that can have come about. */
export const stories: { readonly [Name in AggregateName]: Readonly<Record<string, readonly TypeOf<Name>[]>> } = {
  user: {
    'registered, asked for the link again, and failed a login': [...registered, 'VerificationRequested', 'LoginFailed'],
    'verified the address': verified,
    'was refused': ['RegistrationSubmitted', 'RegistrationRefused'],
    'never verified the address': [...registered, 'RegistrationLapsed'],
    'was locked': [...verified, 'LoginFailed', 'AccountLocked'],
    'failed and then logged in': [...verified, 'LoginFailed', 'LoginFailuresCleared'],
    'came by an invitation': invited,
    'came by an invitation that was refused': ['InvitedRegistrationSubmitted', 'InvitedRegistrationRefused'],
    'was locked on a trusted device': [...invited, 'DeviceLoginFailed', 'DeviceLoginLocked'],
    'failed on a trusted device and then logged in': [...invited, 'DeviceLoginFailed', 'DeviceLoginFailuresCleared'],
    'asked for a new password': [...invited, 'PasswordResetIssued'],
    'has to choose a new password': [...invited, 'PasswordResetIssued', 'PasswordChangeForced', 'PasswordChangeOffered'],
    'chose a new password': [...invited, 'PasswordChangeForced', 'PasswordChanged', 'PasswordRehashed'],
    'was locked by an administrator': [...invited, 'PasswordResetIssued', 'UserLocked'],
    'was unlocked by an administrator': [...verified, 'LoginFailed', 'AccountLocked', 'UserLocked', 'UserUnlocked'],
    'was deactivated': [...invited, 'UserDeactivated'],
    'was deactivated for a while': [...invited, 'UserDeactivated', 'UserReactivated'],
    'was erased': [...verified, 'ErasureRequested', 'UserErased'],
  },
  emailAddress: {
    'is held': ['EmailAddressReserved', 'EmailAddressConfirmed'],
    'is free again': ['EmailAddressReserved', 'EmailAddressReleased'],
    'is asked about': [
      'EmailAddressReserved',
      'VerificationResendRequested',
      'EmailAddressConfirmed',
      'RegistrationRepeated',
      'PasswordResetRequested',
    ],
  },
  team: {
    'has a member': ['TeamCreated', 'RoleAdded', 'MemberAdded'],
    'was joined': ['TeamCreated', 'RoleAdded', 'MemberJoined'],
    'has another name and its own policy': ['TeamCreated', 'TeamRenamed', 'SessionPolicyChanged'],
    'has a role that was changed': ['TeamCreated', 'RoleAdded', 'RoleChanged'],
    'gave a member another role': ['TeamCreated', 'RoleAdded', 'MemberAdded', 'MemberRoleChanged', 'RoleRetired'],
    'has another Owner': ['TeamCreated', 'RoleAdded', 'MemberAdded', 'OwnershipTransferred'],
    'removed a member': ['TeamCreated', 'RoleAdded', 'MemberAdded', 'MemberRemoved'],
    'was left by a member': ['TeamCreated', 'RoleAdded', 'MemberAdded', 'MemberLeft'],
    'was closed': ['TeamCreated', 'RoleAdded', 'MemberAdded', 'TeamClosed'],
    'runs the platform': ['PlatformTeamFounded', 'RoleAdded'],
  },
  invitation: {
    'was accepted': ['InvitationIssued', 'InvitationResent', 'InvitationAccepted'],
    'was accepted in vain': ['InvitationIssued', 'InvitationAccepted', 'InvitationAcceptanceFailed'],
    'was revoked': ['InvitationIssued', 'InvitationRevoked'],
  },
  login: {
    'with a code': [...loginWithCode, 'LoginCompleted'],
    'with a wrong code': ['LoginStarted', 'DeviceCodeRequested', 'DeviceCodeRejected'],
    'denied': ['LoginStarted', 'DeviceCodeRequested', 'LoginDenied'],
    'cleared by its place': [...loginWithCode, 'LoginClearedByGeo'],
    'flagged late': [...loginWithCode, 'LoginClearedWithoutGeo', 'LoginCompleted', 'LoginFlagged'],
    'flagged and approved': [...loginWithCode, 'LoginFlagged', 'LoginApprovedByUser', 'LoginCompleted'],
    'flagged before the code was sent': ['LoginStarted', 'LoginFlagged', 'DeviceCodeRequested', 'LoginDeviceApproved'],
  },
  geoCheck: {
    'failed once': ['GeoCheckFailed'],
    'failed first': ['GeoCheckFailed', 'GeoCheckCompleted'],
  },
  devices: {
    'trusted and used': ['DeviceApproved', 'DeviceUsed'],
    'removed': ['DeviceApproved', 'DeviceRemoved'],
  },
  sessions: {
    'refreshed': ['SessionStarted', 'SessionRefreshed'],
    'moved to another team': ['SessionStarted', 'SessionTeamSwitched'],
    'given another idle timeout': ['SessionStarted', 'SessionPolicyApplied'],
    'superseded': ['SessionStarted', 'SessionSuperseded'],
    'revoked': ['SessionStarted', 'SessionRevoked'],
    'expired': ['SessionStarted', 'SessionExpired'],
    'held back': ['SessionStarted', 'SessionSuspended'],
    'held back for a while': ['SessionStarted', 'SessionSuspended', 'SessionResumed'],
  },
  alert: {
    'is raised': ['AlertRaised'],
    'was cleared': ['AlertRaised', 'AlertCleared'],
  },
  mailSending: {
    'is paused': ['MailSendingPaused'],
    'goes on': ['MailSendingPaused', 'MailSendingResumed'],
  },
  retention: {
    'may expire': ['RetentionSet'],
  },
  virtuozzo: {
    'is linked': ['VirtuozzoLinked'],
    'works again': ['VirtuozzoLinked', 'VirtuozzoRefreshFailed', 'VirtuozzoSessionRefreshed'],
    'is in an outage': ['VirtuozzoLinked', 'VirtuozzoOutageBegan'],
    'is back': ['VirtuozzoLinked', 'VirtuozzoOutageBegan', 'VirtuozzoOutageEnded'],
    'has to be linked again': ['VirtuozzoLinked', 'VirtuozzoRefreshFailed'],
    'was unlinked': ['VirtuozzoLinked', 'VirtuozzoUnlinked'],
  },
  email: {
    'was parked': ['EmailSendStarted', 'EmailParked'],
    'is tried again': ['EmailSendStarted', 'EmailParked', 'EmailRetryRequested'],
    'came back': ['EmailSendStarted', 'EmailSent', 'EmailBounced', 'EmailComplained'],
    'sent': ['EmailSendStarted', 'EmailSent'],
    'rejected': ['EmailSendStarted', 'EmailRejected'],
    'dropped': ['EmailSendStarted', 'EmailDropped'],
  },
  permissionCatalogue: {
    'has a permission': ['PermissionAdded'],
    'lost it again': ['PermissionAdded', 'PermissionRetired'],
  },
};
