import type { SessionRevocationReason } from '../../domain/sessions/events.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { onlyAnOutage } from '../outage.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';
import type { CacheSessions } from './cache-sessions.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  cacheSessions: CacheSessions;
}

/** `position`: that of the event by which they end. */
export type EndSessionsBefore = (
  request: {
    userId: string;
    position: bigint;
    reason: SessionRevocationReason;
    exceptSessionId?: string | null;
  },
  context: Context,
) => Promise<void>;

/**
 * Ends every session that started before an event; answers when their next request is refused. Safe to repeat, long
 * after too: the order of the log, not a clock, says which sessions those are.
 */
export function endSessionsBefore(deps: Dependencies): EndSessionsBefore {
  const handle = commandHandler(deps, sessions);
  return async ({ userId, position, reason, exceptSessionId }, context) => {
    const { events } = await deps.eventStore.readStream(streams.sessions(userId));
    const sessionIds = events
      .filter((recorded) => recorded.position < position)
      .flatMap(({ event }) => (event.type === 'SessionStarted' ? [event.data.sessionId] : []))
      .filter((sessionId) => sessionId !== exceptSessionId);
    if (sessionIds.length === 0) return;
    const command = { type: 'RevokeSessions', sessionIds, reason, now: deps.clock() } as const;
    const handled = await handle(streams.sessions(userId), command, context);
    await deps.cacheSessions(handled).catch(onlyAnOutage);
  };
}
