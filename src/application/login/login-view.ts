import { login } from '../../domain/login/decide.ts';
import { loginStatus, type LoginState } from '../../domain/login/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Directory, TeamOfUser, Tokens } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

export type KnownLogin = Exclude<LoginState, { status: 'unknown' }>;

/** What a client is told after each step of a login: `status` says what to do next. */
export interface LoginView {
  readonly loginId: string;
  readonly loginToken: string;
  readonly status: ReturnType<typeof loginStatus>;
  readonly teams?: readonly TeamOfUser[];
  readonly expiresAt: string;
}

export interface LoginStep {
  readonly view: LoginView;
  readonly position: bigint;
}

interface Dependencies extends Pick<CommandHandling, 'eventStore' | 'snapshots'> {
  tokens: Tokens;
  directory: Directory;
}

/** The login that a login token stands for. The token is good for this login alone. */
export function loginOfToken(deps: Dependencies) {
  const load = streamLoader(deps, login);
  return async (loginId: string, loginToken: string) => {
    const [userId, tokenLoginId] = deps.tokens.read('login', loginToken)?.ids ?? [];
    if (userId === undefined || tokenLoginId !== loginId) throw new DomainError('login-not-found');
    const { state, position } = await load(streams.login(loginId));
    if (state.status === 'unknown' || state.userId !== userId) throw new DomainError('login-not-found');
    return { state, position: position ?? 0n, userId };
  };
}

export async function viewOf(
  { tokens, directory }: Pick<Dependencies, 'tokens' | 'directory'>,
  loginId: string,
  state: KnownLogin,
  position: bigint,
  now: Date,
): Promise<LoginStep> {
  const status = loginStatus(state, now);
  const loginToken = tokens.issue('login', [state.userId, loginId]);
  const view = { loginId, loginToken, status, expiresAt: state.expiresAt };
  if (status !== 'team-selection-required') return { view, position };
  return { view: { ...view, teams: await directory.teamsOf(state.userId, position) }, position };
}
