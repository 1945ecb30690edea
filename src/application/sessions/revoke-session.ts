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

export type RevokeSession = (
  request: { userId: string; sessionId: string; reason: SessionRevocationReason },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/** Ends a session; the answer is given when the next request will be refused. */
export function revokeSession(deps: Dependencies): RevokeSession {
  const handle = commandHandler(deps, sessions);
  return async ({ userId, sessionId, reason }, context) => {
    const command = { type: 'RevokeSession', sessionId, reason, now: deps.clock() } as const;
    const handled = await handle(streams.sessions(userId), command, context);
    await deps.cacheSessions(handled).catch(onlyAnOutage);
    return { position: handled.position };
  };
}
