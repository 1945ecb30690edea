import { DomainError } from '../../domain/errors.ts';
import { user } from '../../domain/user/decide.ts';
import type { PasswordChanged } from '../../domain/user/events.ts';
import type { PasswordProof } from '../../domain/user/password.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Credentials, Passwords } from '../ports.ts';
import { streams } from '../streams.ts';
import type { CompletePasswordChange } from './complete-password-change.ts';

interface Dependencies extends CommandHandling {
  passwords: Passwords;
  credentials: Credentials;
  clock: Clock;
  completePasswordChange: CompletePasswordChange;
}

/** `password` is normalised and judged. Answers when the other sessions are refused. */
export type ChoosePassword = (
  request: { userId: string; password: string; proof: PasswordProof; keepSessionId: string | null },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/** The hash is there before the event that refers to it; one that no event will refer to is taken away again. */
export function choosePassword(deps: Dependencies): ChoosePassword {
  const handle = commandHandler(deps, user);
  return async ({ userId, password, proof, keepSessionId }, context) => {
    const { passwords, credentials, newId, clock, completePasswordChange } = deps;
    const hash = await passwords.hash(password);
    const credentialId = newId();
    await credentials.save(credentialId, userId, hash);
    const command = { type: 'ChangePassword', userId, credentialId, keepSessionId, proof, now: clock() } as const;
    const { events, position } = await handle(streams.user(userId), command, context).catch(async (error: unknown) => {
      if (error instanceof DomainError) await credentials.discard(credentialId);
      throw error;
    });
    const changed = events.find((event): event is PasswordChanged => event.type === 'PasswordChanged');
    if (changed === undefined || position === undefined) throw new Error(`a new password of ${userId} left no event`);
    const { replacedCredentialId } = changed.data;
    const what = { userId, position, reason: 'password-changed', keepSessionId, replacedCredentialId } as const;
    await completePasswordChange(what, context);
    return { position };
  };
}
