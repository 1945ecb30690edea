import { DomainError } from '../../domain/errors.ts';
import { login } from '../../domain/login/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { Limits } from '../limits.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';
import { takeCodeMail } from './device-code-limits.ts';
import { loginOfToken, viewOf, type KnownLogin, type LoginStep, type TeamsOfLogin } from './login-view.ts';

interface Dependencies extends CommandHandling, TeamsOfLogin {
  tokens: Tokens;
  clock: Clock;
  limits: Limits;
}

export type ResendDeviceCode = (
  request: { loginId: string; loginToken: string },
  context: Context,
) => Promise<LoginStep>;

export function resendDeviceCode(deps: Dependencies): ResendDeviceCode {
  const load = loginOfToken(deps);
  const handle = commandHandler(deps, login);
  return async ({ loginId, loginToken }, context) => {
    const { state, userId } = await load(loginId, loginToken);
    await takeCodeMail(deps.limits, userId);
    const now = deps.clock();
    const as = { ...actingAs(userId, context), deviceId: state.deviceId };
    const command = { type: 'ResendDeviceCode', codeId: deps.newId(), now } as const;
    const handled = await handle(streams.login(loginId), command, as).catch(async (error: unknown) => {
      // Nothing is mailed for what was refused.
      await deps.limits.codeMailsOfUser.giveBack(userId);
      throw error;
    });
    if (handled.events.some((event) => event.type === 'LoginDenied')) throw new DomainError('login-denied');
    return viewOf(deps, { loginId, loginToken }, handled.state as KnownLogin, handled.position ?? 0n, now);
  };
}
