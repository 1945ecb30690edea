import type { Context, Credentials } from '../ports.ts';
import type { EndSessionsBefore } from '../sessions/end-sessions-before.ts';

interface Dependencies {
  credentials: Credentials;
  endSessionsBefore: EndSessionsBefore;
}

/** `position`: that of the event by which the former password became worthless. */
export type CompletePasswordChange = (
  request: {
    userId: string;
    position: bigint;
    reason: 'password-changed' | 'password-change-forced';
    keepSessionId: string | null;
    replacedCredentialId: string | null;
  },
  context: Context,
) => Promise<void>;

/**
 * What follows from a new password: the former hash is gone, and every session that started before has ended. Safe to
 * repeat, long after too.
 */
export function completePasswordChange({ credentials, endSessionsBefore }: Dependencies): CompletePasswordChange {
  return async ({ userId, position, reason, keepSessionId, replacedCredentialId }, context) => {
    if (replacedCredentialId !== null) await credentials.discard(replacedCredentialId);
    await endSessionsBefore({ userId, position, reason, exceptSessionId: keepSessionId }, context);
  };
}
