/**
 * Stored forever in `email_address-<emailHash>`: who holds an address. The hash is a keyed one (HMAC-SHA-256), so the
 * address cannot be read from it. Times are ISO 8601.
 */
export type EmailAddressEvent =
  | { type: 'EmailAddressReserved'; data: { emailHash: string; userId: string; at: string } }
  | { type: 'EmailAddressConfirmed'; data: { emailHash: string; userId: string; at: string } }
  | {
      type: 'EmailAddressReleased';
      data: { emailHash: string; userId: string; reason: ReleaseReason; at: string };
    }
  | {
      /** Somebody tried to register an address that `userId` holds; a mail tells the holder. */
      type: 'RegistrationRepeated';
      data: { emailHash: string; userId: string; confirmed: boolean; at: string };
    }
  | {
      /** Asked by anybody, for any address; `userId` is `null` where nobody holds it. */
      type: 'VerificationResendRequested';
      data: { emailHash: string; userId: string | null; at: string };
    }
  | {
      /** Asked by anybody, for any address; `userId` is `null` where nobody holds it. */
      type: 'PasswordResetRequested';
      data: { emailHash: string; userId: string | null; at: string };
    };

/** `invitation-refused`: the invitation that this person registered with was withdrawn in the same moment. */
export type ReleaseReason = 'registration-lapsed' | 'invitation-refused' | 'person-erased';
