import { emailAddress } from '../../domain/email-address/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Credentials, PersonalData } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  credentials: Credentials;
  personalData: PersonalData;
  clock: Clock;
}

export type ForgetRegistration = (request: { userId: string; emailHash: string }, context: Context) => Promise<void>;

/** After a registration lapsed: the address is free again and nothing of the person can be read any more. */
export function forgetRegistration(deps: Dependencies): ForgetRegistration {
  const handle = commandHandler(deps, emailAddress);
  return async ({ userId, emailHash }, context) => {
    const reason = 'registration-lapsed' as const;
    const command = { type: 'ReleaseEmailAddress', emailHash, userId, reason, now: deps.clock() } as const;
    await handle(streams.emailAddress(emailHash), command, context);
    await deps.credentials.remove(userId);
    await deps.personalData.destroyKey(userId);
  };
}
