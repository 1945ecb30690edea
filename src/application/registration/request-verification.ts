import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
}

export type RequestVerification = (request: { userId: string; causedBy: string }, context: Context) => Promise<void>;

/** A new verification link for a person who has not confirmed the address yet; one for each cause. */
export function requestVerification(deps: Dependencies): RequestVerification {
  const handle = commandHandler(deps, user);
  return async ({ userId, causedBy }, context) => {
    const verificationId = deps.tokens.derivedId(causedBy, 'verification');
    const command = { type: 'RequestVerification', userId, verificationId, now: deps.clock() } as const;
    await handle(streams.user(userId), command, context);
  };
}
