import type { EventOf } from '../../domain/events.ts';
import { geoCheck } from '../../domain/geo-check/decide.ts';
import { assessLogin } from '../../domain/login-risk.ts';
import { login, type LoginCommand } from '../../domain/login/decide.ts';
import type { LoginState } from '../../domain/login/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { SettleLogin } from '../login/settle-login.ts';
import type { Verdicts } from '../verdicts.ts';
import type { GeoIp } from '../geo-ip.ts';
import { Unavailable, type Clock, type Context, type PersonalData, type Recorded, type Tokens } from '../ports.ts';
import { streams } from '../streams.ts';
import { loadPlaces, type PlacesDependencies } from './known-places.ts';
import { placeName } from './place-name.ts';
import { isVerdict, type RememberLoginPlace } from './remember-login-place.ts';

interface Dependencies extends CommandHandling {
  /** `null` where none is configured. */
  geoIp: GeoIp | null;
  personalData: PersonalData;
  tokens: Tokens;
  clock: Clock;
  settleLogin: SettleLogin;
  rememberLoginPlace: RememberLoginPlace;
  verdicts: Verdicts;
}

export type CheckLoginPlace = (request: { loginId: string }, context: Context) => Promise<void>;

type Started = Recorded<EventOf<'LoginStarted'>>;
type Verdict = EventOf<'GeoCheckCompleted'>['data'];

/**
 * Judges a login by the place it comes from, and applies the verdict however late it is. Safe to repeat: there is one
 * verdict for a login. Throws `Unavailable('geo-ip')` to be asked again later; the login goes on meanwhile.
 */
export function checkLoginPlace(deps: Dependencies): CheckLoginPlace {
  const handleLogin = commandHandler(deps, login);
  const handleCheck = commandHandler(deps, geoCheck);
  const [verdictBefore, judge, follow] = [verdictOf(deps), judging(deps), following(deps)];
  return async ({ loginId }, context) => {
    const { eventStore, personalData, tokens, geoIp, clock } = deps;
    const [{ events }, known] = await Promise.all([
      eventStore.readStream(streams.login(loginId)),
      geoIp && verdictBefore(loginId),
    ]);
    const started = events.find(isStart);
    if (started === undefined) return;
    if (geoIp === null) {
      await decide(loginId, { type: 'ClearWithoutGeo', reason: 'not-configured', now: clock() }, context);
      return;
    }
    const opened = await personalData.open(started);
    const verdict = known ?? (await judge(opened, geoIp).catch((error: unknown) => passOver(opened, error, context)));
    const as = { ...context, deviceId: started.event.data.deviceId, ...clientAt(opened, verdict) };
    if (known === null) {
      const command = { type: 'RecordVerdict', ...verdict, now: clock() } as const;
      await handleCheck(streams.geoCheck(loginId), command, as, 'begins');
    }
    const decided = await decide(
      loginId,
      commandFor(verdict, tokens.derivedId(started.id, 'login-decision'), clock()),
      as,
    );
    await follow(loginId, decided.state, as);
  };

  /** Without a verdict for now: the login goes on, and the job is tried again. */
  async function passOver({ event: { data } }: Started, error: unknown, context: Context): Promise<never> {
    if (!(error instanceof Unavailable) || error.what !== 'geo-ip') throw error;
    const { loginId, userId } = data;
    const now = deps.clock();
    await handleCheck(streams.geoCheck(loginId), { type: 'RecordFailure', loginId, userId, now }, context);
    await decide(loginId, { type: 'ClearWithoutGeo', reason: 'provider-down', now }, context);
    throw error;
  }

  async function decide(loginId: string, command: LoginCommand, as: Context) {
    const decided = await handleLogin(streams.login(loginId), command, as);
    deps.verdicts.announce(loginId);
    return decided;
  }
}

/** A login that goes on from here is settled, and its place remembered, by whatever ends it. */
function following({ settleLogin, rememberLoginPlace }: Dependencies) {
  return async (loginId: string, state: LoginState, as: Context): Promise<void> => {
    if (state.status === 'waiting-device' || state.status === 'waiting-team') return;
    await settleLogin({ loginId }, as);
    await rememberLoginPlace({ loginId }, as);
  };
}

function verdictOf({ eventStore, personalData }: PlacesDependencies) {
  return async (loginId: string): Promise<Verdict | null> => {
    const recorded = (await eventStore.readStream(streams.geoCheck(loginId))).events.find(isVerdict);
    return recorded === undefined ? null : (await personalData.open(recorded)).event.data;
  };
}

function judging(deps: PlacesDependencies) {
  return async ({ event: { data }, context: { client } }: Started, geoIp: GeoIp): Promise<Verdict> => {
    const { loginId, userId, at } = data;
    const [place, { known }] = await Promise.all([
      client?.ip ? geoIp.locate(client.ip) : null,
      loadPlaces(deps, userId),
    ]);
    const risk = assessLogin({ place, at, previous: known.last, knownCountries: known.countries });
    return { loginId, userId, ...risk, at };
  };
}

function isStart(recorded: Recorded): recorded is Started {
  return recorded.event.type === 'LoginStarted';
}

/** The client as the login had it, and now its place too. */
function clientAt({ context: { client } }: Recorded, { inputs }: Verdict): Pick<Context, 'client'> {
  return client ? { client: { ...client, place: inputs?.place ? placeName(inputs.place, 'en') : null } } : {};
}

function commandFor({ verdict, ruleVersion, signals, inputs }: Verdict, decisionId: string, now: Date): LoginCommand {
  switch (verdict) {
    case 'clear':
      return { type: 'ClearByGeo', ruleVersion, inputs, now };
    case 'unknown':
      return { type: 'ClearWithoutGeo', reason: 'place-unknown', now };
    case 'flagged':
      return { type: 'FlagLogin', ruleVersion, signals, inputs, decisionId, now };
  }
}
