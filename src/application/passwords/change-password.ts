import { devices } from '../../domain/devices/decide.ts';
import { isTrusted } from '../../domain/devices/state.ts';
import { DomainError } from '../../domain/errors.ts';
import { normalisePassword } from '../../domain/password-policy.ts';
import { user } from '../../domain/user/decide.ts';
import { failureIn } from '../../domain/user/record-login.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { LoginLimit } from '../limits.ts';
import type { Clock, Context, Credentials, Passwords } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { ChoosePassword } from './choose-password.ts';
import type { JudgePassword } from './judge-password.ts';

interface Dependencies extends CommandHandling {
  passwords: Passwords;
  credentials: Credentials;
  loginLimit: LoginLimit;
  clock: Clock;
  judgePassword: JudgePassword;
  choosePassword: ChoosePassword;
}

interface Request {
  userId: string;
  /** Goes on; all others end. */
  sessionId: string;
  deviceId: string;
  currentPassword: string;
  password: string;
  ip: string;
}

export type ChangePassword = (request: Request, context: Context) => Promise<{ position: bigint | undefined }>;

/** Needs the current password; a wrong one counts like one at a login, since a stolen session could guess here. */
export function changePassword(deps: Dependencies): ChangePassword {
  const load = streamLoader(deps, user);
  const loadDevices = streamLoader(deps, devices);
  const handle = commandHandler(deps, user);
  return async (request, context) => {
    const { userId, sessionId, ip } = request;
    const blockedFor = await deps.loginLimit.blockedFor(ip);
    if (blockedFor > 0) throw new DomainError('too-many-attempts', { retryAfterSeconds: blockedFor });
    const { state } = await load(streams.user(userId));
    if (state.status !== 'active') throw new DomainError('current-password-wrong');
    const password = normalisePassword(request.password);
    await deps.judgePassword(state, password);
    const { credentialId } = state;
    await refuseWrong(request, credentialId, context);
    const proof = { kind: 'current-password', credentialId } as const;
    return deps.choosePassword({ userId, password, proof, keepSessionId: sessionId }, context);
  };

  async function refuseWrong({ userId, ...request }: Request, credentialId: string, context: Context): Promise<void> {
    const { passwords, credentials, loginLimit, newId, clock } = deps;
    const hash = await credentials.load(credentialId);
    const passwordMatches = await passwords.verify(normalisePassword(request.currentPassword), hash);
    const known = await loadDevices(streams.devices(userId));
    const now = clock();
    const trustedDeviceId = isTrusted(known.state, request.deviceId, now) ? request.deviceId : null;
    const command = { type: 'RecordLogin', userId, loginId: newId(), passwordMatches, trustedDeviceId, now } as const;
    const { events } = await handle(streams.user(userId), command, context);
    if (failureIn(events) === undefined) return;
    await loginLimit.countFailure(request.ip);
    throw new DomainError('current-password-wrong');
  }
}
