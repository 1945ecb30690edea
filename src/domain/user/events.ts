/** Stored forever in `user-<userId>`: add a new event type rather than change one. Times are ISO 8601. */
export type UserEvent =
  | RegistrationSubmitted
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
  | { type: 'LoginFailuresCleared'; data: { userId: string; loginId: string; at: string } };

export type LoginFailureReason = 'wrong-password' | 'account-locked' | 'email-not-verified';

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
