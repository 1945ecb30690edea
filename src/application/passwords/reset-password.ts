import { DomainError } from '../../domain/errors.ts';
import { normalisePassword } from '../../domain/password-policy.ts';
import { user } from '../../domain/user/decide.ts';
import { provenBy, type PasswordProof } from '../../domain/user/password.ts';
import type { CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { ChoosePassword } from './choose-password.ts';
import type { JudgePassword } from './judge-password.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
  judgePassword: JudgePassword;
  choosePassword: ChoosePassword;
}

export type ResetPassword = (
  request: { token: string; password: string },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/** A new password with the link of a mail, or with the token that a login on a trusted device was given. */
export function resetPassword(deps: Dependencies): ResetPassword {
  const load = streamLoader(deps, user);
  return async (request, context) => {
    const { tokens, clock, judgePassword, choosePassword } = deps;
    const { userId, proof } = proofIn(tokens, request.token);
    const { state } = await load(streams.user(userId));
    // Before the hashing, so that a link that is no good costs next to nothing.
    const person = provenBy(proof, state, clock());
    const password = normalisePassword(request.password);
    await judgePassword(person, password);
    return choosePassword({ userId, password, proof, keepSessionId: null }, actingAs(userId, context));
  };
}

function proofIn(tokens: Tokens, token: string): { userId: string; proof: PasswordProof } {
  const [owner, resetId] = tokens.read('reset', token)?.ids ?? [];
  if (owner !== undefined && resetId !== undefined) return { userId: owner, proof: { kind: 'reset-link', resetId } };
  const [userId, changeId] = tokens.read('password-change', token)?.ids ?? [];
  if (userId === undefined || changeId === undefined) throw new DomainError('reset-token-invalid');
  return { userId, proof: { kind: 'change-token', changeId } };
}
