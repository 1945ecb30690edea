import { DomainError } from '../../domain/errors.ts';
import { login } from '../../domain/login/decide.ts';
import { acceptableCodeIds } from '../../domain/login/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { Limits } from '../limits.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';
import type { AwaitVerdict } from './await-verdict.ts';
import { giveCodeTryBack, takeCodeTry } from './device-code-limits.ts';
import { loginOfToken, viewOf, type KnownLogin, type LoginStep, type TeamsOfLogin } from './login-view.ts';
import type { TrustDevice } from './trust-device.ts';

interface Dependencies extends CommandHandling, TeamsOfLogin {
  tokens: Tokens;
  clock: Clock;
  limits: Limits;
  trustDevice: TrustDevice;
  awaitVerdict: AwaitVerdict;
}

export type ApproveDevice = (
  request: { loginId: string; loginToken: string; code: string },
  context: Context,
) => Promise<LoginStep>;

/** Takes the six digits from the mail. Tries are counted by the login's own stream: exact across processes. */
export function approveDevice(deps: Dependencies): ApproveDevice {
  const load = loginOfToken(deps);
  const handle = commandHandler(deps, login);
  return async ({ loginId, loginToken, code }, context) => {
    const { tokens, clock, limits, trustDevice, awaitVerdict } = deps;
    const { state, userId } = await load(loginId, loginToken);
    const { deviceId } = state;
    await takeCodeTry(limits, { userId, deviceId });
    const now = clock();
    const matchingCodeId =
      acceptableCodeIds(state, now).find((codeId) => tokens.deviceCodeMatches(codeId, code)) ?? null;
    const as = { ...actingAs(userId, context), deviceId };
    const handled = await handle(streams.login(loginId), { type: 'ApproveDevice', matchingCodeId, now }, as);
    if (handled.events.some((event) => event.type === 'LoginDenied')) throw new DomainError('login-denied');
    if (handled.events.some((event) => event.type === 'DeviceCodeRejected')) throw new DomainError('device-code-wrong');
    await giveCodeTryBack(limits, { userId, deviceId });
    await trustDevice({ loginId }, as);
    const { state: known, position } = await awaitVerdict(loginId, as);
    return viewOf(deps, { loginId, loginToken }, known as KnownLogin, position ?? 0n, clock());
  };
}
