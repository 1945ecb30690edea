import type { EventOf } from '../../domain/events.ts';
import { geoCheck } from '../../domain/geo-check/decide.ts';
import { assessLogin } from '../../domain/login-risk.ts';
import { login, type LoginCommand } from '../../domain/login/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { SettleLogin } from '../login/settle-login.ts';
import type { GeoIp } from '../geo-ip.ts';
import { Unavailable, type Clock, type Context, type PersonalData, type Recorded, type Tokens } from '../ports.ts';
import { streams } from '../streams.ts';
import { loadPlaces } from './known-places.ts';
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
}

export type CheckLoginPlace = (request: { loginId: string }, context: Context) => Promise<void>;

type Verdict = EventOf<'GeoCheckCompleted'>['data'];

/**
 * Judges a login by the place it comes from, and applies the verdict however late it is. Safe to repeat: there is one
 * verdict for a login. Throws `Unavailable('geo-ip')` to be asked again later; the login goes on meanwhile.
 */
export function checkLoginPlace(deps: Dependencies): CheckLoginPlace {
  const handleLogin = commandHandler(deps, login);
  const handleCheck = commandHandler(deps, geoCheck);
  return async ({ loginId }, context) => {
    const { eventStore, personalData, tokens, geoIp, clock, settleLogin, rememberLoginPlace } = deps;
    const started = (await eventStore.readStream(streams.login(loginId))).events.find(isStart);
    if (started === undefined) return;
    const decide = (command: LoginCommand, as: Context) => handleLogin(streams.login(loginId), command, as);
    if (geoIp === null) {
      await decide({ type: 'ClearWithoutGeo', reason: 'not-configured', now: clock() }, context);
      return;
    }
    const opened = await personalData.open(started);
    const known = await verdictBefore(loginId);
    const verdict = known ?? (await judge(opened, geoIp, context));
    const as = { ...context, deviceId: started.event.data.deviceId, ...clientAt(opened, verdict) };
    if (known === undefined) {
      await handleCheck(streams.geoCheck(loginId), { type: 'RecordVerdict', ...verdict, now: clock() }, as);
    }
    await decide(commandFor(verdict, tokens.derivedId(started.id, 'login-decision'), clock()), as);
    await settleLogin({ loginId }, as);
    await rememberLoginPlace({ loginId }, as);
  };

  async function verdictBefore(loginId: string): Promise<Verdict | undefined> {
    const recorded = (await deps.eventStore.readStream(streams.geoCheck(loginId))).events.find(isVerdict);
    return recorded && (await deps.personalData.open(recorded)).event.data;
  }

  async function judge(
    { event: { data }, context: { client } }: Recorded<EventOf<'LoginStarted'>>,
    geoIp: GeoIp,
    context: Context,
  ): Promise<Verdict> {
    const { loginId, userId, at } = data;
    try {
      const place = client?.ip ? await geoIp.locate(client.ip) : null;
      const { known } = await loadPlaces(deps, userId);
      const risk = assessLogin({ place, at, previous: known.last, knownCountries: known.countries });
      return { loginId, userId, ...risk, at };
    } catch (error) {
      if (!(error instanceof Unavailable) || error.what !== 'geo-ip') throw error;
      const now = deps.clock();
      await handleCheck(streams.geoCheck(loginId), { type: 'RecordFailure', loginId, userId, now }, context);
      await handleLogin(streams.login(loginId), { type: 'ClearWithoutGeo', reason: 'provider-down', now }, context);
      throw error;
    }
  }
}

function isStart(recorded: Recorded): recorded is Recorded<EventOf<'LoginStarted'>> {
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
