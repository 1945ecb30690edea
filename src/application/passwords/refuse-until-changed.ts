import { DomainError } from '../../domain/errors.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
}

export type RefuseUntilChanged = (
  request: { userId: string; loginId: string; trustedDeviceId: string | null },
  context: Context,
) => Promise<never>;

/**
 * The password is right, and has to be changed. Only a device that the person trusts may change it at once: anywhere
 * else the password alone would take the account over, so that only the link in a mail helps.
 */
export function refuseUntilChanged(deps: Dependencies): RefuseUntilChanged {
  const handle = commandHandler(deps, user);
  return async ({ userId, loginId, trustedDeviceId }, context) => {
    const { tokens, newId, clock } = deps;
    if (trustedDeviceId === null) {
      throw new DomainError('password-change-required', { nextStep: 'POST /v1/password/forgot' });
    }
    const changeId = newId();
    const command = { type: 'OfferPasswordChange', userId, loginId, changeId, now: clock() } as const;
    const as = { ...actingAs(userId, context), deviceId: trustedDeviceId };
    await handle(streams.user(userId), command, as);
    const changeToken = tokens.issue('password-change', [userId, changeId]);
    throw new DomainError('password-change-required', { nextStep: 'POST /v1/password/reset', changeToken });
  };
}
