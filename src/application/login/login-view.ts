import { login } from '../../domain/login/decide.ts';
import { loginStatus, type LoginState } from '../../domain/login/state.ts';
import { user } from '../../domain/user/decide.ts';
import { passwordGenerationOf } from '../../domain/user/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Directory, TeamOfUser, Tokens } from '../ports.ts';
import type { FinishJoining } from '../registration/finish-joining.ts';
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
}

/**
 * The login that a login token stands for. The token is good for this login alone, and only while the password is the
 * one that was given: its generation is that of the password.
 */
export function loginOfToken(deps: Dependencies) {
  const load = streamLoader(deps, login);
  const loadUser = streamLoader(deps, user);
  return async (loginId: string, loginToken: string) => {
    const { userId, generation } = presentedIn(deps.tokens, loginId, loginToken);
    const [{ state, position }, person] = await Promise.all([
      load(streams.login(loginId)),
      loadUser(streams.user(userId)),
    ]);
    if (state.status === 'unknown' || state.userId !== userId) throw new DomainError('login-not-found');
    // Of a denied login it can be told that it is: no step of it goes on.
    const isOver = state.status === 'denied';
    const isMeant = person.state.status === 'active' && passwordGenerationOf(person.state) === generation;
    if (!isOver && !isMeant) throw new DomainError('login-denied');
    return { state, position: position ?? 0n, userId };
  };
}

function presentedIn(tokens: Tokens, loginId: string, loginToken: string): { userId: string; generation: number } {
  const presented = tokens.read('login', loginToken);
  const [userId, tokenLoginId] = presented?.ids ?? [];
  if (presented === undefined || userId === undefined || tokenLoginId !== loginId) {
    throw new DomainError('login-not-found');
  }
  return { userId, generation: presented.generation };
}

export interface TeamsOfLogin {
  directory: Directory;
  finishJoining: FinishJoining;
}

export async function viewOf(
  deps: TeamsOfLogin,
  { loginId, loginToken }: { loginId: string; loginToken: string },
  state: KnownLogin,
  at: bigint | { readonly position: bigint; readonly teamsAfter: bigint },
  now: Date,
): Promise<LoginStep> {
  const { position, teamsAfter } = typeof at === 'bigint' ? { position: at, teamsAfter: at } : at;
  const status = loginStatus(state, now);
  const view = { loginId, loginToken, status, expiresAt: state.expiresAt };
  if (status !== 'team-selection-required') return { view, position };
  return { view: { ...view, teams: await teamsOf(deps, state.userId, teamsAfter) }, position };
}

async function teamsOf({ directory, finishJoining }: TeamsOfLogin, userId: string, position: bigint) {
  const teams = await directory.teamsOf(userId, position);
  if (teams.length > 0) return teams;
  const finished = await finishJoining(userId);
  return finished === undefined ? teams : directory.teamsOf(userId, finished);
}
