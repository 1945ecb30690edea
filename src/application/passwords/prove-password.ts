import { devices } from '../../domain/devices/decide.ts';
import { isTrusted } from '../../domain/devices/state.ts';
import { DomainError } from '../../domain/errors.ts';
import { normalisePassword } from '../../domain/password-policy.ts';
import { user } from '../../domain/user/decide.ts';
import { failureIn } from '../../domain/user/record-login.ts';
import type { ActiveUser } from '../../domain/user/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { LoginLimit } from '../limits.ts';
import type { Clock, Context, Credentials, Passwords } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  passwords: Passwords;
  credentials: Credentials;
  loginLimit: LoginLimit;
  clock: Clock;
}

interface Request {
  userId: string;
  deviceId: string;
  password: string;
  ip: string;
  /** Asked of the person before their password is compared. */
  before?: (person: ActiveUser) => Promise<void>;
}

export type ProvePassword = (request: Request, context: Context) => Promise<ActiveUser>;

/**
 * That whoever holds the session knows the password too. A wrong one counts like one at a login, since a stolen session
 * could guess here. Throws `current-password-wrong`, `too-many-attempts`.
 */
export function provePassword(deps: Dependencies): ProvePassword {
  const load = streamLoader(deps, user);
  const loadDevices = streamLoader(deps, devices);
  const handle = commandHandler(deps, user);
  return async ({ userId, deviceId, password, ip, before }, context) => {
    const { passwords, credentials, loginLimit, newId, clock } = deps;
    const blockedFor = await loginLimit.blockedFor(ip);
    if (blockedFor > 0) throw new DomainError('too-many-attempts', { retryAfterSeconds: blockedFor });
    const { state } = await load(streams.user(userId));
    if (state.status !== 'active') throw new DomainError('current-password-wrong');
    await before?.(state);
    const hash = await credentials.load(state.credentialId);
    const passwordMatches = await passwords.verify(normalisePassword(password), hash);
    const known = await loadDevices(streams.devices(userId));
    const now = clock();
    const trustedDeviceId = isTrusted(known.state, deviceId, now) ? deviceId : null;
    const command = { type: 'RecordLogin', userId, loginId: newId(), passwordMatches, trustedDeviceId, now } as const;
    const { events } = await handle(streams.user(userId), command, context);
    if (failureIn(events) === undefined) return state;
    await loginLimit.countFailure(ip);
    throw new DomainError('current-password-wrong');
  };
}
