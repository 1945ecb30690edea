import { devices } from '../../domain/devices/decide.ts';
import { isRemoved } from '../../domain/devices/state.ts';
import type { EventOf } from '../../domain/events.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { isRunning, sessionIn } from '../../domain/sessions/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Recorded } from '../ports.ts';
import type { RememberLoginPlace } from '../places/remember-login-place.ts';
import type { CacheSessions } from '../sessions/cache-sessions.ts';
import type { GrantableSession } from '../sessions/grant-session.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { SettleLogin } from './settle-login.ts';

/** A session that has not started by then never will: nobody waits for it any more, and a newer one may be active. */
const startWithinMs = 3_600_000;

interface Dependencies extends CommandHandling {
  clock: Clock;
  cacheSessions: CacheSessions;
  settleLogin: SettleLogin;
  rememberLoginPlace: RememberLoginPlace;
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
  const loadDevices = streamLoader(deps, devices);
  return async ({ loginId }, context) => {
    const { eventStore, clock, cacheSessions, sessionSettings, settleLogin, rememberLoginPlace } = deps;
    const { events } = await eventStore.readStream(streams.login(loginId));
    const completed = events.find(({ event }) => event.type === 'LoginCompleted');
    const now = clock();
    if (!completed || now.getTime() - completed.recordedAt.getTime() > startWithinMs) return undefined;
    const { userId, deviceId, teamId, roleId, sessionId, remember, transport } = (
      completed.event as EventOf<'LoginCompleted'>
    ).data;
    const before = await loadDevices(streams.devices(userId));
    if (isRemoved(before.state, deviceId, provenIn(events))) return undefined;
    const about = { sessionId, userId, teamId, roleId, deviceId, loginId, remember, transport, now };
    const as = { ...context, sessionId };
    const handled = await handleSessions(
      streams.sessions(userId),
      { type: 'StartSession', ...about, ...sessionSettings },
      as,
    );
    await cacheSessions(handled);
    const used = { type: 'UseDevice', userId, deviceId, loginId, now } as const;
    const { state: known } = await handleDevices(streams.devices(userId), used, as);
    if (isRemoved(known, deviceId, provenIn(events))) {
      // Removing the device ended the sessions it found there; this one has started since.
      const ended = { type: 'RevokeSessionsOfDevice', deviceId, reason: 'device-removed', now: clock() } as const;
      await cacheSessions(await handleSessions(streams.sessions(userId), ended, as));
      return undefined;
    }
    const session = sessionIn(handled.state, sessionId);
    if (session === undefined || !isRunning(session)) return undefined;
    if ((await settleLogin({ loginId }, as)).denied) return undefined;
    await rememberLoginPlace({ loginId }, as);
    return { ...session, userId, position: handled.position ?? 0n };
  };
}

/** When the device was approved in this login; `null` where it was trusted before, which a removal has undone. */
function provenIn(events: readonly Recorded[]): Date | null {
  const approved = events.find(({ event }) => event.type === 'LoginDeviceApproved');
  return approved === undefined ? null : new Date(approved.event.data.at);
}
