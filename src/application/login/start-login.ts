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
import { credentialIdOf } from '../../domain/user/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { Clock, Context, Credentials, Directory, LoginLimit, Passwords, Tokens } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import { viewOf, type KnownLogin, type LoginStep } from './login-view.ts';

interface Dependencies extends CommandHandling {
  passwords: Passwords;
  credentials: Credentials;
  tokens: Tokens;
  directory: Directory;
  loginLimit: LoginLimit;
  clock: Clock;
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
}

export type StartLogin = (request: Request, context: Context) => Promise<LoginStep>;

/** Stands in for the person whom an unknown address does not have, so that both cost the same look-ups. */
const nobody = '00000000-0000-7000-8000-000000000000';

/**
 * Checks credentials. A wrong password and an unknown address take the same steps: two streams read, one credential
 * looked up, one comparison, one stream read again, one event appended (OWASP ASVS 5.0 §6.3.8).
 */
export function startLogin(deps: Dependencies): StartLogin {
  const loadAddress = streamLoader(deps, emailAddress);
  const loadUser = streamLoader(deps, user);
  const handleUser = commandHandler(deps, user);
  const begin = beginLogin(deps);

  return async (request, context) => {
    const { passwords, credentials, tokens, newId, loginLimit, clock } = deps;
    const blockedFor = await loginLimit.blockedFor(request.ip);
    if (blockedFor > 0) throw new DomainError('too-many-attempts', { retryAfterSeconds: blockedFor });

    const emailHash = tokens.emailHash(normaliseEmail(request.email));
    const attempt: Attempt = { ...request, emailHash, loginId: newId() };
    const address = await loadAddress(streams.emailAddress(emailHash));
    const userId = holderOf(address.state) ?? nobody;
    const { state } = await loadUser(streams.user(userId));
    const credentialId = credentialIdOf(state);
    const hash = await credentials.load(credentialId ?? nobody);
    const passwordMatches = await passwords.verify(normalisePassword(request.password), hash);

    if (credentialId === undefined) {
      // Recording a failure of somebody known reads that stream once more.
      await loadUser(streams.user(userId));
      return refuseUnknown(attempt, context);
    }
    const { loginId } = attempt;
    const command = { type: 'RecordLogin', userId, loginId, passwordMatches, now: clock() } as const;
    const { events } = await handleUser(streams.user(userId), command, context);
    const failed = events.find((event) => event.type === 'LoginFailed');
    if (failed === undefined) return begin(userId, attempt, actingAs(userId, context));
    await loginLimit.countFailure(request.ip);
    throw new DomainError(failed.data.reason === 'email-not-verified' ? 'email-not-verified' : 'invalid-credentials');
  };

  async function refuseUnknown({ emailHash, loginId, ip }: Attempt, context: Context): Promise<never> {
    const at = deps.clock().toISOString();
    const date = at.slice(0, 10);
    const event = { type: 'UnknownLoginFailed', data: { date, emailHash, loginId, at } } as const;
    // No rule depends on this stream: every append to it is welcome in any order.
    await deps.eventStore.append(streams.failedLogin(date), [{ id: deps.newId(), event, context }], 'any');
    await deps.loginLimit.countFailure(ip);
    throw new DomainError('invalid-credentials');
  }
}

function beginLogin(deps: Dependencies) {
  const loadDevices = streamLoader(deps, devices);
  const handleLogin = commandHandler(deps, login);
  return async (userId: string, attempt: Attempt, context: Context): Promise<LoginStep> => {
    const { tokens, newId, clock } = deps;
    const { loginId, remember, transport, deviceToken } = attempt;
    const deviceId = tokens.deviceId(deviceToken, userId);
    const known = await loadDevices(streams.devices(userId));
    const now = clock();
    const deviceTrusted = isTrusted(known.state, deviceId, now);
    const about = { loginId, userId, deviceId, deviceTrusted, remember, transport, codeId: newId(), now };
    const { state, position } = await handleLogin(
      streams.login(loginId),
      { type: 'StartLogin', ...about },
      { ...context, deviceId },
    );
    return viewOf(deps, loginId, state as KnownLogin, position ?? 0n, now);
  };
}
