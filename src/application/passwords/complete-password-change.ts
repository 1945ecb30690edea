import { sessions } from '../../domain/sessions/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { onlyAnOutage } from '../outage.ts';
import type { Clock, Context, Credentials } from '../ports.ts';
import type { CacheSessions } from '../sessions/cache-sessions.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  credentials: Credentials;
  clock: Clock;
  cacheSessions: CacheSessions;
}

/** `position`: that of the event by which the former password became worthless. */
export type CompletePasswordChange = (
  request: {
    userId: string;
    position: bigint;
    reason: 'password-changed' | 'password-change-forced';
    keepSessionId: string | null;
    replacedCredentialId: string | null;
  },
  context: Context,
) => Promise<void>;

/**
 * What follows from a new password: the former hash is gone, and every session that started before has ended. Safe to
 * repeat, long after too: the order of the log, not a clock, says which sessions those are.
 */
export function completePasswordChange(deps: Dependencies): CompletePasswordChange {
  const handle = commandHandler(deps, sessions);
  return async ({ userId, position, reason, keepSessionId, replacedCredentialId }, context) => {
    const { eventStore, credentials, clock, cacheSessions } = deps;
    if (replacedCredentialId !== null) await credentials.discard(replacedCredentialId);
    const { events } = await eventStore.readStream(streams.sessions(userId));
    const sessionIds = events
      .filter((recorded) => recorded.position < position)
      .flatMap(({ event }) => (event.type === 'SessionStarted' ? [event.data.sessionId] : []))
      .filter((sessionId) => sessionId !== keepSessionId);
    if (sessionIds.length === 0) return;
    const command = { type: 'RevokeSessions', sessionIds, reason, now: clock() } as const;
    const handled = await handle(streams.sessions(userId), command, context);
    await cacheSessions(handled).catch(onlyAnOutage);
  };
}
