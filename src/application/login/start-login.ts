import { devices } from '../../domain/devices/decide.ts';
import { isTrusted } from '../../domain/devices/state.ts';
import { emailAddress } from '../../domain/email-address/decide.ts';
import { holderOf } from '../../domain/email-address/state.ts';
import { normaliseEmail } from '../../domain/email-address/normalise.ts';
import { DomainError } from '../../domain/errors.ts';
import { login } from '../../domain/login/decide.ts';
import type { Transport } from '../../domain/login/events.ts';
import { normalisePassword } from '../../domain/password-policy.ts';
import { user } from '../../domain/user/decide.ts';
import { failureIn } from '../../domain/user/record-login.ts';
import { credentialIdOf, passwordGenerationOf } from '../../domain/user/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { Limits, LoginLimit } from '../limits.ts';
import type { GeoIp } from '../geo-ip.ts';
import type { Clock, Context, Credentials, Passwords, Tokens } from '../ports.ts';
import { rehashPassword } from '../passwords/rehash-password.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import { refuseWhenGuessed, takeCodeMail } from './device-code-limits.ts';
import type { AwaitVerdict } from './await-verdict.ts';
import { refuseLogin } from './refuse-login.ts';
import { viewOf, type KnownLogin, type LoginStep, type TeamsOfLogin } from './login-view.ts';

interface Dependencies extends CommandHandling, TeamsOfLogin {
  passwords: Passwords;
  credentials: Credentials;
  tokens: Tokens;
  loginLimit: LoginLimit;
  limits: Limits;
  clock: Clock;
  geoIp: GeoIp | null;
  awaitVerdict: AwaitVerdict;
}

interface Request {
  email: string;
  password: string;
  remember: boolean;
  transport: Transport;
  deviceToken: string;
  ip: string;
}

interface Attempt extends Request {
  loginId: string;
  emailHash: string;
  /** Of the person with this address. */
  deviceId: string;
  deviceTrusted: boolean;
}

interface Begun extends Attempt {
  /** Of the password that was given. */
  passwordGeneration: number;
}

export type StartLogin = (request: Request, context: Context) => Promise<LoginStep>;

/** Stands in for the person whom an unknown address does not have, so that both cost the same look-ups. */
const nobody = '00000000-0000-7000-8000-000000000000';

/**
 * Checks credentials. A wrong password and an unknown address take the same steps: three streams read, one credential
 * looked up, one comparison, one stream read again, one event appended (OWASP ASVS 5.0 §6.3.8).
 */
export function startLogin(deps: Dependencies): StartLogin {
  const loadAddress = streamLoader(deps, emailAddress);
  const loadDevices = streamLoader(deps, devices);
  const loadUser = streamLoader(deps, user);
  const handleUser = commandHandler(deps, user);
  const begin = beginLogin(deps);
  const rehash = rehashPassword(deps);
  const refuse = refuseLogin(deps);

  return async (request, context) => {
    const { passwords, credentials, tokens, newId, clock } = deps;
    const blockedFor = await deps.loginLimit.blockedFor(request.ip);
    const emailHash = tokens.emailHash(normaliseEmail(request.email));
    const address = await loadAddress(streams.emailAddress(emailHash));
    const userId = holderOf(address.state) ?? nobody;
    const deviceId = tokens.deviceId(request.deviceToken, userId);
    const [known, { state }] = await Promise.all([
      loadDevices(streams.devices(userId)),
      loadUser(streams.user(userId)),
    ]);
    const deviceTrusted = isTrusted(known.state, deviceId, clock());
    // Others behind the same address may have used it up; that must not keep out a device that the person trusts.
    if (blockedFor > 0 && !deviceTrusted) throw new DomainError('too-many-attempts', { retryAfterSeconds: blockedFor });

    const attempt: Attempt = { ...request, emailHash, loginId: newId(), deviceId, deviceTrusted };
    const credentialId = credentialIdOf(state);
    const hash = await credentials.load(credentialId ?? nobody);
    const passwordMatches = await passwords.verify(normalisePassword(request.password), hash);

    if (credentialId === undefined) {
      // Recording a failure of somebody known reads that stream once more.
      await loadUser(streams.user(userId));
      return refuse.unknown(attempt, context);
    }
    const { loginId } = attempt;
    const trustedDeviceId = deviceTrusted ? deviceId : null;
    const command = { type: 'RecordLogin', userId, loginId, passwordMatches, trustedDeviceId, now: clock() } as const;
    const { events } = await handleUser(streams.user(userId), command, context);
    const failed = failureIn(events);
    if (failed !== undefined)
      return refuse.known(failed, { userId, loginId, trustedDeviceId, ip: request.ip }, context);
    const as = actingAs(userId, context);
    if (hash) await rehash({ userId, credentialId, password: normalisePassword(request.password), stored: hash }, as);
    return begin(userId, { ...attempt, passwordGeneration: passwordGenerationOf(state) }, as);
  };
}

function beginLogin(deps: Dependencies) {
  const handleLogin = commandHandler(deps, login);
  return async (userId: string, attempt: Begun, context: Context): Promise<LoginStep> => {
    const { tokens, newId, clock, geoIp, awaitVerdict } = deps;
    const { loginId, remember, transport, deviceId, deviceTrusted, passwordGeneration } = attempt;
    if (!deviceTrusted) {
      await refuseWhenGuessed(deps.limits, { userId, deviceId });
      await takeCodeMail(deps.limits, userId);
    }
    const now = clock();
    const ids = { loginId, userId, deviceId, codeId: newId() };
    const about = { ...ids, deviceTrusted, remember, transport, placeChecked: geoIp !== null, now };
    const as = { ...context, deviceId };
    const started = await handleLogin(streams.login(loginId), { type: 'StartLogin', ...about }, as, 'begins');
    // While a code is awaited there is time enough for the verdict.
    const { state, position } = deviceTrusted ? await awaitVerdict(loginId, as) : started;
    const loginToken = tokens.issue('login', [userId, loginId], passwordGeneration);
    // Whatever was acknowledged before the login began, its teams are looked up after that.
    const at = { position: position ?? 0n, teamsAfter: started.position ?? 0n };
    return viewOf(deps, { loginId, loginToken }, state as KnownLogin, at, clock());
  };
}
