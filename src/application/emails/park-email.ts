import { email } from '../../domain/email/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';
import { emailIdOf, type SendEmail } from './send-email.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  tokens: Pick<Tokens, 'derivedId'>;
}

/** Takes what `sendEmail` takes, and gives the mail up: it is shown to operators, who may have it tried again. */
export function parkEmail(deps: Dependencies): SendEmail {
  const handle = commandHandler(deps, email);
  return async (request, context) => {
    const { template, userId, cause } = request;
    const messageId = emailIdOf(deps, request);
    const from = { stream: cause.stream, revision: String(cause.revision), eventId: cause.id };
    const command = { type: 'Park', messageId, userId, template, cause: from, now: deps.clock() } as const;
    const { state } = await handle(streams.email(messageId), command, context);
    return state.status;
  };
}
