import { DomainError } from '../../domain/errors.ts';
import { login } from '../../domain/login/decide.ts';
import { team } from '../../domain/team/decide.ts';
import { memberRole } from '../../domain/team/state.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { Clock, Context, Directory, Tokens } from '../ports.ts';
import type { SessionCache } from '../session-cache.ts';
import type { GrantSession, SessionGrant } from '../sessions/grant-session.ts';
import type { RevokeSession } from '../sessions/revoke-session.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { AwaitVerdict } from './await-verdict.ts';
import type { CompleteLogin } from './complete-login.ts';
import { loginOfToken } from './login-view.ts';

/** How long a repeated last step gives the tokens again: a client that lost the answer, not a thief, asks within it. */
const repeatSeconds = 120;

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  directory: Directory;
  sessionCache: SessionCache;
  clock: Clock;
  awaitVerdict: AwaitVerdict;
  completeLogin: CompleteLogin;
  grantSession: GrantSession;
  revokeSession: RevokeSession;
}

export type SelectTeam = (
  request: { loginId: string; loginToken: string; teamId: string },
  context: Context,
) => Promise<SessionGrant>;

/** The last step of a login: from here on the new session is the active one. */
export function selectTeam(deps: Dependencies): SelectTeam {
  const load = loginOfToken(deps);
  const loadTeam = streamLoader(deps, team);
  const handle = commandHandler(deps, login);
  return async ({ loginId, loginToken, teamId }, context) => {
    const { sessionCache, newId, clock, awaitVerdict, completeLogin, grantSession } = deps;
    const { revokeSession } = deps;
    const { state, userId } = await load(loginId, loginToken);
    const [chosen] = await Promise.all([
      loadTeam(streams.team(teamId)),
      // No new sessions while the store of sessions is away: found out before anything is decided.
      sessionCache.lastUsed([loginId]),
    ]);
    const role = memberRole(chosen.state, userId);
    if (role === undefined) throw new DomainError('team-not-found');

    const sessionId = newId();
    const as = { ...actingAs(userId, context), deviceId: state.deviceId };
    if (state.status !== 'waiting-team' || state.location.check === 'pending') await awaitVerdict(loginId, as);
    const command = { type: 'SelectTeam', teamId, roleId: role.roleId, sessionId, now: clock() } as const;
    await handle(streams.login(loginId), command, as);
    const session = await completeLogin({ loginId, userId }, as);
    if (session === undefined) throw await refusal(userId, teamId);
    const sinceStart = clock().getTime() - Date.parse(session.startedAt);
    if (session.generation !== 0 || sinceStart > repeatSeconds * 1000) throw new DomainError('login-step-not-due');
    // A new password in the meantime has ended the sessions that it found; this one may have started since.
    await load(loginId, loginToken).catch(async (error: unknown) => {
      const ended = { userId, sessionId: session.sessionId, reason: 'password-changed' } as const;
      if (error instanceof DomainError) await revokeSession(ended, as);
      throw error;
    });
    return grantSession(session);
  };

  /** A membership that ended at this moment is told like one that there never was. */
  async function refusal(userId: string, teamId: string): Promise<DomainError> {
    const role = memberRole((await loadTeam(streams.team(teamId))).state, userId);
    return new DomainError(role === undefined ? 'team-not-found' : 'login-step-not-due');
  }
}
