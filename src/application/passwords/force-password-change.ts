import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';
import type { CompletePasswordChange } from './complete-password-change.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  completePasswordChange: CompletePasswordChange;
}

/** `by`: who demands it, or `null` where the service does by itself. Throws `not-found` for nobody active. */
export type ForcePasswordChange = (
  request: { userId: string; by: string | null },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/** Ends all sessions, logins under way and links; from now on the password is only good to choose another. */
export function forcePasswordChange(deps: Dependencies): ForcePasswordChange {
  const handle = commandHandler(deps, user);
  return async ({ userId, by }, context) => {
    const command = { type: 'ForcePasswordChange', userId, by, now: deps.clock() } as const;
    const { events, position } = await handle(streams.user(userId), command, context);
    if (events.length > 0 && position !== undefined) {
      const nothingKept = { keepSessionId: null, replacedCredentialId: null };
      const what = { userId, position, reason: 'password-change-forced', ...nothingKept } as const;
      await deps.completePasswordChange(what, context);
    }
    return { position };
  };
}
