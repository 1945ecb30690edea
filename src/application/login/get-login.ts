import type { CommandHandling } from '../command-handler.ts';
import type { Clock, Directory, Tokens } from '../ports.ts';
import { loginOfToken, viewOf, type LoginStep } from './login-view.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  directory: Directory;
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
