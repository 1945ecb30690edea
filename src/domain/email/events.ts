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
    };

export type EmailTemplate =
  | 'verification'
  | 'invitation'
  | 'already-registered'
  | 'device-code'
  | 'new-device'
  | 'session-superseded'
  | 'refresh-token-reused'
  | 'account-locked'
  | 'password-reset'
  | 'password-changed'
  | 'password-change-forced'
  | 'suspicious-login';

export type EmailRejection = 'invalid-recipient' | 'inactive-recipient' | 'recipient-erased';
