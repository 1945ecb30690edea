/** Stored forever in `user-<userId>`: add a new event type rather than change one. Times are ISO 8601. */
export type UserEvent =
  | RegistrationSubmitted
  | InvitedRegistrationSubmitted
  | {
      /** The account is there at once: the link of the invitation has proven the address. */
      type: 'InvitedUserRegistered';
      data: { userId: string; invitationId: string; deviceId: string; at: string };
    }
  | {
      type: 'InvitedRegistrationRefused';
      data: { userId: string; reason: InvitedRegistrationRefusal; at: string };
    }
  | {
      /** The address was free and is now reserved for this user; the verification mail follows from this event. */
      type: 'UserRegistered';
      data: { userId: string; verificationId: string; verificationExpiresAt: string; at: string };
    }
  | { type: 'RegistrationRefused'; data: { userId: string; reason: 'address-taken'; at: string } }
  | {
      type: 'VerificationRequested';
      data: { userId: string; verificationId: string; verificationExpiresAt: string; at: string };
    }
  | {
      /** `trustedDeviceId` is the device that registered, when the same device opened the link. */
      type: 'EmailVerified';
      data: { userId: string; verificationId: string; teamId: string; trustedDeviceId: string | null; at: string };
    }
  | { type: 'RegistrationLapsed'; data: { userId: string; emailHash: string; at: string } }
  | {
      type: 'LoginFailed';
      data: { userId: string; loginId: string; reason: LoginFailureReason; at: string };
    }
  | { type: 'AccountLocked'; data: { userId: string; until: string; lockMinutes: number; at: string } }
  | { type: 'LoginFailuresCleared'; data: { userId: string; loginId: string; at: string } }
  | {
      /** On a device that the person trusts: counted for that device alone. */
      type: 'DeviceLoginFailed';
      data: { userId: string; loginId: string; deviceId: string; reason: DeviceLoginFailureReason; at: string };
    }
  | {
      type: 'DeviceLoginLocked';
      data: { userId: string; deviceId: string; until: string; lockMinutes: number; at: string };
    }
  | { type: 'DeviceLoginFailuresCleared'; data: { userId: string; loginId: string; deviceId: string; at: string } }
  | { type: 'ErasureRequested'; data: { userId: string; at: string } }
  | UserErased
  | PasswordEvent
  | AdministrationEvent;

/** `account-locked`: by an administrator; too many failures lock a trusted device alone. */
export type DeviceLoginFailureReason = 'device-locked' | LoginFailureReason;

export type LoginFailureReason =
  'wrong-password' | 'account-locked' | 'account-deactivated' | 'email-not-verified' | 'password-change-required';

/** By an administrator of the platform: who, stands in the event's metadata. All sessions end by the first and third. */
export type AdministrationEvent =
  | { type: 'UserLocked'; data: { userId: string; at: string } }
  | { type: 'UserUnlocked'; data: { userId: string; at: string } }
  | { type: 'UserDeactivated'; data: { userId: string; at: string } }
  | { type: 'UserReactivated'; data: { userId: string; at: string } };

export type PasswordEvent =
  | {
      /** The link in the mail that follows is derived from `resetId`, never stored. */
      type: 'PasswordResetIssued';
      data: { userId: string; resetId: string; expiresAt: string; at: string };
    }
  | PasswordChanged
  | {
      /** The password is good for nothing but to choose another. `by` is `null` where the service decided it. */
      type: 'PasswordChangeForced';
      data: { userId: string; by: string | null; at: string };
    }
  | {
      /** A login on a trusted device may choose the new password at once. */
      type: 'PasswordChangeOffered';
      data: { userId: string; loginId: string; changeId: string; expiresAt: string; at: string };
    }
  | {
      /** The same password, hashed anew. */
      type: 'PasswordRehashed';
      data: { userId: string; credentialId: string; scheme: string; pepperVersion: number; at: string };
    };

type PasswordChangeReason = 'reset' | 'change' | 'forced';

/** All sessions but `keepSessionId` end by it; the hash of the former password is removed. */
export interface PasswordChanged {
  type: 'PasswordChanged';
  data: {
    userId: string;
    credentialId: string;
    replacedCredentialId: string;
    reason: PasswordChangeReason;
    keepSessionId: string | null;
    at: string;
  };
}

/** `invitation-refused`: it was revoked, used or replaced in the meantime. */
export type InvitedRegistrationRefusal = 'address-taken' | 'invitation-refused';

/** A person asked for an account with the link of an invitation. Personal fields are `null` once the person is erased. */
export interface InvitedRegistrationSubmitted {
  type: 'InvitedRegistrationSubmitted';
  data: {
    userId: string;
    emailHash: string;
    email: string | null;
    name: string | null;
    credentialId: string;
    deviceId: string;
    invitationId: string;
    tokenId: string;
    at: string;
  };
}

/** A person asked for an account. Personal fields are `null` once the person is erased. */
export interface RegistrationSubmitted {
  type: 'RegistrationSubmitted';
  data: {
    userId: string;
    emailHash: string;
    email: string | null;
    name: string | null;
    teamName: string | null;
    teamId: string;
    credentialId: string;
    deviceId: string;
    at: string;
  };
}

/**
 * The person is forgotten: their key is destroyed, so nothing sealed under it can be read again. `email` is sealed under
 * a key of this erasure, only for the mail that says so.
 */
export interface UserErased {
  type: 'UserErased';
  data: { userId: string; emailHash: string; receiptId: string; email: string | null; at: string };
}
