import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
}

export type IssuePasswordReset = (
  request: { userId: string; causedBy: string; requestedAt: string },
  context: Context,
) => Promise<void>;

/**
 * A link for a new password; one for each cause. Somebody who has not confirmed the address yet gets the link for that
 * again instead: nothing else helps them.
 */
export function issuePasswordReset(deps: Dependencies): IssuePasswordReset {
  const handle = commandHandler(deps, user);
  return async ({ userId, causedBy, requestedAt }, context) => {
    const { tokens, clock } = deps;
    const resetId = tokens.derivedId(causedBy, 'password reset');
    const issue = { type: 'IssuePasswordReset', userId, resetId, requestedAt, now: clock() } as const;
    const { state } = await handle(streams.user(userId), issue, context);
    if (state.status !== 'pending') return;
    const verificationId = tokens.derivedId(causedBy, 'verification');
    const remind = { type: 'RequestVerification', userId, verificationId, now: clock() } as const;
    await handle(streams.user(userId), remind, context);
  };
}
