import { devices } from '../../domain/devices/decide.ts';
import type { EventOf } from '../../domain/events.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { sessionIn } from '../../domain/sessions/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import type { CacheSessions } from '../sessions/cache-sessions.ts';
import type { GrantableSession } from '../sessions/grant-session.ts';
import { streams } from '../streams.ts';

/** A session that has not started by then never will: nobody waits for it any more, and a newer one may be active. */
const startWithinMs = 3_600_000;

interface Dependencies extends CommandHandling {
  clock: Clock;
  cacheSessions: CacheSessions;
  sessionSettings: { maxSessions: number; idleTimeoutSeconds: number };
}

export type CompleteLogin = (request: { loginId: string }, context: Context) => Promise<GrantableSession | undefined>;

/**
 * What follows from a completed login: the session starts and takes over from the one before, and the device's trust is
 * prolonged. Safe to repeat; answers `undefined` where the session has ended already.
 */
export function completeLogin(deps: Dependencies): CompleteLogin {
  const handleSessions = commandHandler(deps, sessions);
  const handleDevices = commandHandler(deps, devices);
  return async ({ loginId }, context) => {
    const { eventStore, clock, cacheSessions, sessionSettings } = deps;
    const { events } = await eventStore.readStream(streams.login(loginId));
    const completed = events.find(({ event }) => event.type === 'LoginCompleted');
    const now = clock();
    if (!completed || now.getTime() - completed.recordedAt.getTime() > startWithinMs) return undefined;
    const { userId, deviceId, teamId, roleId, sessionId, remember, transport } = (
      completed.event as EventOf<'LoginCompleted'>
    ).data;
    const about = { sessionId, userId, teamId, roleId, deviceId, loginId, remember, transport, now };
    const as = { ...context, sessionId };
    const handled = await handleSessions(
      streams.sessions(userId),
      { type: 'StartSession', ...about, ...sessionSettings },
      as,
    );
    await cacheSessions(handled);
    await handleDevices(streams.devices(userId), { type: 'UseDevice', userId, deviceId, loginId, now }, as);
    const session = sessionIn(handled.state, sessionId);
    if (session?.status !== 'active') return undefined;
    return { ...session, userId, position: handled.position ?? 0n };
  };
}
