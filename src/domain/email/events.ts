/**
 * Stored forever in `email-<messageId>`: one mail to one person. The id is derived from the event that caused it, so
 * that one event is one mail. `userId` is `null` for an address that was invited: the causing event says which. Times
 * are ISO 8601.
 */
export type EmailEvent =
  | {
      /** Recorded before the provider is called: a crash after it leaves a question that the provider answers. */
      type: 'EmailSendStarted';
      data: { messageId: string; userId: string | null; template: EmailTemplate; attempt: number; at: string };
    }
  | {
      type: 'EmailSent';
      data: {
        messageId: string;
        userId: string | null;
        template: EmailTemplate;
        providerMessageId: string;
        at: string;
      };
    }
  | {
      /** Final: the provider refuses this recipient for good. */
      type: 'EmailRejected';
      data: { messageId: string; userId: string | null; template: EmailTemplate; reason: EmailRejection; at: string };
    }
  | {
      /** Final: it was begun, has not reached the provider, and there is no need for it any more. */
      type: 'EmailDropped';
      data: { messageId: string; userId: string | null; template: EmailTemplate; reason: EmailDropReason; at: string };
    }
  | {
      /** Tried for a day in vain; it is tried again when an operator says so. */
      type: 'EmailParked';
      data: { messageId: string; userId: string | null; template: EmailTemplate; cause: EmailCause; at: string };
    }
  | {
      type: 'EmailRetryRequested';
      data: { messageId: string; userId: string | null; template: EmailTemplate; cause: EmailCause; at: string };
    }
  | {
      /** The provider took it, and the recipient's server did not. `bounceId` is the provider's. */
      type: 'EmailBounced';
      data: {
        messageId: string;
        userId: string | null;
        template: EmailTemplate;
        bounceId: string;
        kind: EmailBounceKind;
        at: string;
      };
    }
  | {
      /** The recipient calls it spam. `complaintId` is the provider's. */
      type: 'EmailComplained';
      data: { messageId: string; userId: string | null; template: EmailTemplate; complaintId: string; at: string };
    };

/** The event that a mail follows from, as the log has it: what its job is made from. */
export interface EmailCause {
  readonly stream: string;
  readonly revision: string;
  readonly eventId: string;
}

/** `hard`: it will never be delivered there; `soft`: not this time. */
export type EmailBounceKind = 'hard' | 'soft';

export type EmailTemplate =
  | 'erased'
  | 'verification'
  | 'invitation'
  | 'already-registered'
  | 'device-code'
  | 'new-device'
  | 'session-superseded'
  | 'refresh-token-reused'
  | 'account-locked'
  | 'locked-by-administrator'
  | 'account-deactivated'
  | 'account-reactivated'
  | 'password-reset'
  | 'password-changed'
  | 'password-change-forced'
  | 'member-removed'
  | 'team-closed'
  | 'ownership-transferred'
  | 'role-changed'
  | 'suspicious-login'
  | 'invitation-undeliverable'
  | 'virtuozzo-outage'
  | 'virtuozzo-sign-in-needed'
  | 'alert-raised'
  | 'alert-cleared';

export type EmailRejection = 'invalid-recipient' | 'inactive-recipient' | 'recipient-erased';

/** `no-longer-needed`: what it tells has been overtaken, e.g. a code by a newer one or a link by its own end. */
export type EmailDropReason = 'no-longer-needed';
