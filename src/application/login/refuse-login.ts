import { DomainError } from '../../domain/errors.ts';
import type { LoginFailure } from '../../domain/user/record-login.ts';
import type { CommandHandling } from '../command-handler.ts';
import { refuseUntilChanged } from '../passwords/refuse-until-changed.ts';
import type { LoginLimit } from '../limits.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  loginLimit: LoginLimit;
  clock: Clock;
}

interface OfLogin {
  readonly loginId: string;
  readonly ip: string;
}

/** What whoever knows the password is told; anything else looks like a wrong one. */
const toldReasons = ['email-not-verified', 'account-deactivated'] as const;

/** How a login ends that did not begin. */
export function refuseLogin(deps: Dependencies) {
  const refuse = refuseUntilChanged(deps);
  return {
    async known(
      { data: { reason } }: LoginFailure,
      { ip, ...about }: OfLogin & { readonly userId: string; readonly trustedDeviceId: string | null },
      context: Context,
    ): Promise<never> {
      if (reason === 'password-change-required') return refuse(about, context);
      await deps.loginLimit.countFailure(ip);
      throw new DomainError(toldReasons.find((told) => told === reason) ?? 'invalid-credentials');
    },

    async unknown({ emailHash, loginId, ip }: OfLogin & { readonly emailHash: string }, context: Context) {
      const at = deps.clock().toISOString();
      const date = at.slice(0, 10);
      const event = { type: 'UnknownLoginFailed', data: { date, emailHash, loginId, at } } as const;
      // No rule depends on this stream: every append to it is welcome in any order.
      await deps.eventStore.append(streams.failedLogin(date), [{ id: deps.newId(), event, context }], 'any');
      await deps.loginLimit.countFailure(ip);
      throw new DomainError('invalid-credentials');
    },
  };
}
