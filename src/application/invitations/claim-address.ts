import { emailAddress } from '../../domain/email-address/decide.ts';
import { holderOf } from '../../domain/email-address/state.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import type { ForgetRegistration } from '../registration/forget-registration.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

/** Each turn ends one registration that stood in the way. */
const maxTurns = 5;

interface Dependencies extends CommandHandling {
  clock: Clock;
  forgetRegistration: ForgetRegistration;
}

/** Answers who holds the address in the end: `userId`, or somebody who has an account with it. */
export type ClaimAddress = (request: { emailHash: string; userId: string }, context: Context) => Promise<string>;

/**
 * Reserves an address for somebody who has proven to read its mail. A registration that nobody has verified gives way:
 * it may be a stranger's, and its person proves nothing by waiting. One that is verified in the same moment does not;
 * the stream of its user decides.
 */
export function claimAddress(deps: Dependencies): ClaimAddress {
  const load = streamLoader(deps, emailAddress);
  const handleAddress = commandHandler(deps, emailAddress);
  const handleUser = commandHandler(deps, user);

  return async ({ emailHash, userId }, context) => {
    const { clock, forgetRegistration } = deps;
    const stream = streams.emailAddress(emailHash);
    for (let turn = 1; turn <= maxTurns; turn++) {
      const holder = holderOf((await load(stream)).state);
      if (holder === undefined) {
        await handleAddress(stream, { type: 'ReserveEmailAddress', emailHash, userId, now: clock() }, context);
        continue;
      }
      if (holder === userId) return holder;
      const yielding = { type: 'YieldRegistration', userId: holder, now: clock() } as const;
      const { state } = await handleUser(streams.user(holder), yielding, context);
      if (state.status !== 'lapsed') return holder;
      await forgetRegistration({ userId: holder, emailHash }, context);
    }
    throw new Error('the address is taken again each time that it is free');
  };
}
