import { email } from '../../domain/email/decide.ts';
import type { EmailCause, EmailEvent } from '../../domain/email/events.ts';
import { DomainError } from '../../domain/errors.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';
import type { RequirePlatformPermission } from '../users/require-platform-permission.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  requirePlatformPermission: RequirePlatformPermission;
}

/** Throws `permission-missing`, `email-not-found`, and `email-not-parked` for any other mail: what was rejected stays so. */
export type RetryEmail = (
  request: { messageId: string; userId: string; teamId: string },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/** Only asks for it: a reaction makes the mail's job again from the event that caused it. */
export function retryEmail(deps: Dependencies): RetryEmail {
  const handle = commandHandler(deps, email);
  return async ({ messageId, ...caller }, context) => {
    await deps.requirePlatformPermission({ ...caller, permission: 'system.admin' });
    const { events } = await deps.eventStore.readStream(streams.email(messageId));
    const first = events[0]?.event as EmailEvent | undefined;
    if (first === undefined) throw new DomainError('email-not-found');
    const { userId, template } = first.data;
    const cause = causeIn(events.map(({ event }) => event as EmailEvent));
    if (cause === undefined) throw new DomainError('email-not-parked');
    const command = { type: 'RequestRetry', messageId, userId, template, cause, now: deps.clock() } as const;
    const { position } = await handle(streams.email(messageId), command, context);
    return { position };
  };
}

function causeIn(events: readonly EmailEvent[]): EmailCause | undefined {
  return events.flatMap((event) => (event.type === 'EmailParked' ? [event.data.cause] : [])).at(-1);
}
