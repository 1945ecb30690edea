import { DomainError } from '../../domain/errors.ts';
import { loginStatus } from '../../domain/login/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import type { CreateTeam } from '../teams/create-team.ts';
import { loginOfToken } from './login-view.ts';

interface Dependencies extends Pick<CommandHandling, 'eventStore' | 'snapshots'> {
  tokens: Tokens;
  clock: Clock;
  createTeam: CreateTeam;
}

export type CreateTeamInLogin = (
  request: { loginToken: string; name: string; sameAs?: string | undefined },
  context: Context,
) => ReturnType<CreateTeam>;

/**
 * For a person who has proven who they are and has no team to go on in: the next step of the login takes the new one.
 * Throws `login-step-not-due` in any other state of the login.
 */
export function createTeamInLogin(deps: Dependencies): CreateTeamInLogin {
  const load = loginOfToken(deps);
  return async ({ loginToken, name, sameAs }, context) => {
    const loginId = deps.tokens.read('login', loginToken)?.ids[1];
    if (loginId === undefined) throw new DomainError('login-not-found');
    const { state, userId } = await load(loginId, loginToken);
    const status = loginStatus(state, deps.clock());
    if (status === 'denied') throw new DomainError('login-denied');
    if (status === 'expired') throw new DomainError('login-expired');
    if (status !== 'team-selection-required') throw new DomainError('login-step-not-due');
    const within = sameAs && `${loginId} ${sameAs}`;
    return deps.createTeam(
      { userId, name, sameAs: within },
      { ...actingAs(userId, context), deviceId: state.deviceId },
    );
  };
}
