import { devices } from '../../domain/devices/decide.ts';
import { isRemoved } from '../../domain/devices/state.ts';
import type { EventOf } from '../../domain/events.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import type { SessionRevocationReason } from '../../domain/sessions/events.ts';
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

export type CompleteLogin = (
  request: { loginId: string; userId: string },
  context: Context,
) => Promise<GrantableSession | undefined>;

/**
 * What has to follow from a completed login before it is answered: the session starts and takes over from the one
 * before, and the device's trust is prolonged. Safe to repeat; answers `undefined` where the session has ended already, or may not be.
 */
export function completeLogin(deps: Dependencies): CompleteLogin {
  const loadDevices = streamLoader(deps, devices);
  const barOf = sessionBar(deps);
  const endIf = endingBarred(deps);
  const begin = beginning({ ...deps, barOf, endIf });
  return async ({ loginId, userId }, context) => {
    const { eventStore, clock, rememberLoginPlace } = deps;
    const [{ events }, before, barred] = await Promise.all([
      eventStore.readStream(streams.login(loginId)),
      loadDevices(streams.devices(userId)),
      barOf(userId),
    ]);
    const completed = events.find(({ event }) => event.type === 'LoginCompleted');
    const now = clock();
    if (!completed || now.getTime() - completed.recordedAt.getTime() > startWithinMs) return undefined;
    const { deviceId, teamId, roleId, sessionId, remember, transport } = (completed.event as EventOf<'LoginCompleted'>)
      .data;
    if (isRemoved(before.state, deviceId, provenIn(events))) return undefined;
    const as = { ...context, sessionId };
    if (await endIf(barred, { userId, sessionId }, as)) return undefined;
    const completedAt = new Date(completed.event.data.at);
    const about = { sessionId, userId, teamId, roleId, deviceId, loginId, completedAt, remember, transport, now };
    const [session] = await Promise.all([begin(about, provenIn(events), as), rememberLoginPlace({ loginId }, as)]);
    return session;
  };
}

/** One of each, so that what is remembered of a person serves both looks. */
interface Barring {
  readonly barOf: ReturnType<typeof sessionBar>;
  readonly endIf: ReturnType<typeof endingBarred>;
}

/** Starts the session, and ends it again where what happened at the same moment does not let it be. */
function beginning(deps: Dependencies & Barring) {
  const handleSessions = commandHandler(deps, sessions);
  const handleDevices = commandHandler(deps, devices);
  const { barOf, endIf } = deps;
  return async (
    about: Parameters<StartSession>[0],
    deviceProvenAt: Date | null,
    context: Context,
  ): Promise<GrantableSession | undefined> => {
    const { userId, sessionId, deviceId, loginId, now } = about;
    const started = await deps.startSession(about, context);
    const used = { type: 'UseDevice', userId, deviceId, loginId, now } as const;
    const [{ state: known }, isBarred, { denied }] = await Promise.all([
      handleDevices(streams.devices(userId), used, context),
      barOf(userId).then((reason) => endIf(reason, { userId, sessionId }, context)),
      deps.settleLogin({ loginId }, context),
    ]);
    if (isRemoved(known, deviceId, deviceProvenAt)) {
      // Removing the device ended the sessions it found there; this one has started since.
      const ended = { type: 'RevokeSessionsOfDevice', deviceId, reason: 'device-removed', now: deps.clock() } as const;
      await deps.cacheSessions(await handleSessions(streams.sessions(userId), ended, context));
      return undefined;
    }
    if (started === undefined || isBarred || denied) return undefined;
    return { ...started.session, userId, position: started.position };
  };
}

/** Barring the account ended the sessions that it found; this one may have started since. */
function endingBarred(deps: Dependencies) {
  const handle = commandHandler(deps, sessions);
  return async (
    reason: SessionRevocationReason | undefined,
    { userId, sessionId }: { userId: string; sessionId: string },
    context: Context,
  ): Promise<boolean> => {
    if (reason === undefined) return false;
    const ended = { type: 'RevokeSessions', sessionIds: [sessionId], reason, now: deps.clock() } as const;
    await deps.cacheSessions(await handle(streams.sessions(userId), ended, context));
    return true;
  };
}

/** When the device was approved in this login; `null` where it was trusted before, which a removal has undone. */
function provenIn(events: readonly Recorded[]): Date | null {
  const approved = events.find(({ event }) => event.type === 'LoginDeviceApproved');
  return approved === undefined ? null : new Date(approved.event.data.at);
}
