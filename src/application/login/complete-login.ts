import { devices } from '../../domain/devices/decide.ts';
import { isRemoved } from '../../domain/devices/state.ts';
import type { EventOf } from '../../domain/events.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Recorded } from '../ports.ts';
import type { RememberLoginPlace } from '../places/remember-login-place.ts';
import type { CacheSessions } from '../sessions/cache-sessions.ts';
import { sessionBar } from '../sessions/session-bar.ts';
import type { GrantableSession } from '../sessions/grant-session.ts';
import type { StartSession } from '../sessions/start-session.ts';
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
  startSession: StartSession;
}

export type CompleteLogin = (request: { loginId: string }, context: Context) => Promise<GrantableSession | undefined>;

/**
 * What follows from a completed login: the session starts and takes over from the one before, and the device's trust is
 * prolonged. Safe to repeat; answers `undefined` where the session has ended already, or may not be.
 */
export function completeLogin(deps: Dependencies): CompleteLogin {
  const handleSessions = commandHandler(deps, sessions);
  const handleDevices = commandHandler(deps, devices);
  const loadDevices = streamLoader(deps, devices);
  const barOf = sessionBar(deps);
  return async ({ loginId }, context) => {
    const { eventStore, clock, cacheSessions, settleLogin, rememberLoginPlace } = deps;
    const { events } = await eventStore.readStream(streams.login(loginId));
    const completed = events.find(({ event }) => event.type === 'LoginCompleted');
    const now = clock();
    if (!completed || now.getTime() - completed.recordedAt.getTime() > startWithinMs) return undefined;
    const { userId, deviceId, teamId, roleId, sessionId, remember, transport } = (
      completed.event as EventOf<'LoginCompleted'>
    ).data;
    const before = await loadDevices(streams.devices(userId));
    if (isRemoved(before.state, deviceId, provenIn(events))) return undefined;
    const as = { ...context, sessionId };
    if (await endIfBarred(userId, sessionId, as)) return undefined;
    const completedAt = new Date(completed.event.data.at);
    const about = { sessionId, userId, teamId, roleId, deviceId, loginId, completedAt, remember, transport, now };
    const started = await deps.startSession(about, as);
    const used = { type: 'UseDevice', userId, deviceId, loginId, now } as const;
    const { state: known } = await handleDevices(streams.devices(userId), used, as);
    if (isRemoved(known, deviceId, provenIn(events))) {
      // Removing the device ended the sessions it found there; this one has started since.
      const ended = { type: 'RevokeSessionsOfDevice', deviceId, reason: 'device-removed', now: clock() } as const;
      await cacheSessions(await handleSessions(streams.sessions(userId), ended, as));
      return undefined;
    }
    if (started === undefined || (await endIfBarred(userId, sessionId, as))) return undefined;
    if ((await settleLogin({ loginId }, as)).denied) return undefined;
    await rememberLoginPlace({ loginId }, as);
    return { ...started.session, userId, position: started.position };
  };

  /** Barring the account ended the sessions that it found; this one may have started since. */
  async function endIfBarred(userId: string, sessionId: string, context: Context): Promise<boolean> {
    const reason = await barOf(userId);
    if (reason === undefined) return false;
    const ended = { type: 'RevokeSessions', sessionIds: [sessionId], reason, now: deps.clock() } as const;
    await deps.cacheSessions(await handleSessions(streams.sessions(userId), ended, context));
    return true;
  }
}

/** When the device was approved in this login; `null` where it was trusted before, which a removal has undone. */
function provenIn(events: readonly Recorded[]): Date | null {
  const approved = events.find(({ event }) => event.type === 'LoginDeviceApproved');
  return approved === undefined ? null : new Date(approved.event.data.at);
}
