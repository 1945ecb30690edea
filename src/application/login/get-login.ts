import type { CommandHandling } from '../command-handler.ts';
import type { Clock, Tokens } from '../ports.ts';
import { loginOfToken, viewOf, type LoginStep, type TeamsOfLogin } from './login-view.ts';

interface Dependencies extends CommandHandling, TeamsOfLogin {
  tokens: Tokens;
  clock: Clock;
}

export type GetLogin = (request: { loginId: string; loginToken: string }) => Promise<LoginStep>;

export function getLogin(deps: Dependencies): GetLogin {
  const load = loginOfToken(deps);
  return async ({ loginId, loginToken }) => {
    const { state, position } = await load(loginId, loginToken);
    return viewOf(deps, { loginId, loginToken }, state, position, deps.clock());
  };
}
