import { DomainError } from '../../domain/errors.ts';
import { login } from '../../domain/login/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { RememberLoginPlace } from '../places/remember-login-place.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { SettleLogin } from './settle-login.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
  settleLogin: SettleLogin;
  rememberLoginPlace: RememberLoginPlace;
}

export type DecideLogin = (
  request: { token: string; decision: 'approve' | 'deny' },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/**
 * Takes the owner's answer about a suspicious login. It is given when all that follows is done; what a crash leaves
 * undone, a reaction does.
 */
export function decideLogin(deps: Dependencies): DecideLogin {
  const load = streamLoader(deps, login);
  const handle = commandHandler(deps, login);
  return async ({ token, decision }, context) => {
    const { tokens, clock, settleLogin, rememberLoginPlace } = deps;
    const [loginId, decisionId] = tokens.read('login-decision', token)?.ids ?? [];
    if (loginId === undefined || decisionId === undefined) throw new DomainError('login-decision-invalid');
    const { state } = await load(streams.login(loginId));
    if (state.status === 'unknown') throw new DomainError('login-decision-invalid');
    const as = actingAs(state.userId, context);
    const command = { type: 'DecideLogin', decision, decisionId, now: clock() } as const;
    const { position } = await handle(streams.login(loginId), command, as);
    await settleLogin({ loginId }, as);
    if (decision === 'approve') await rememberLoginPlace({ loginId }, as);
    return { position };
  };
}
