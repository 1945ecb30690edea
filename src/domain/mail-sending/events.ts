/** Stored forever in `mail_sending`: whether mails may leave at all. */
export type MailSendingEvent =
  | {
      /** The provider refuses us, not a mail: no mail is tried until it takes our token again. */
      type: 'MailSendingPaused';
      data: { reason: MailPauseReason; at: string };
    }
  | { type: 'MailSendingResumed'; data: { pausedAt: string; at: string } };

/** `account`: e.g. no credit, or a sender that is not confirmed. */
export type MailPauseReason = 'token-refused' | 'account';
