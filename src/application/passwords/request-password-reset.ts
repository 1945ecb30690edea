import { emailAddress } from '../../domain/email-address/decide.ts';
import { normaliseEmail } from '../../domain/email-address/normalise.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
}

export type RequestPasswordReset = (
  request: { email: string },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/** Records the wish for any address alike; whether a mail follows is decided afterwards. */
export function requestPasswordReset(deps: Dependencies): RequestPasswordReset {
  const handle = commandHandler(deps, emailAddress);
  return async ({ email }, context) => {
    const emailHash = deps.tokens.emailHash(normaliseEmail(email));
    const command = { type: 'RequestPasswordReset', emailHash, now: deps.clock() } as const;
    const { position } = await handle(streams.emailAddress(emailHash), command, context);
    return { position };
  };
}
