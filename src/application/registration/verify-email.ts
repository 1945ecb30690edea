import { DomainError } from '../../domain/errors.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { actingAs } from '../context.ts';
import type { Clock, Context, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';
import type { CompleteVerification } from './complete-verification.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
  completeVerification: CompleteVerification;
}

export type VerifyEmail = (
  request: { token: string; deviceToken: string | undefined },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/** Uses a verification link up: from here on the person has an account, a team and, on the same device, its trust. */
export function verifyEmail(deps: Dependencies): VerifyEmail {
  const handle = commandHandler(deps, user);
  return async ({ token, deviceToken }, context) => {
    const { tokens, clock, completeVerification } = deps;
    const [userId, verificationId] = tokens.read('verification', token)?.ids ?? [];
    if (userId === undefined || verificationId === undefined) throw new DomainError('verification-token-invalid');

    const deviceId = deviceToken === undefined ? null : tokens.deviceId(deviceToken, userId);
    const command = { type: 'VerifyEmail', userId, verificationId, deviceId, now: clock() } as const;
    await handle(streams.user(userId), command, actingAs(userId, context));
    return completeVerification({ userId }, actingAs(userId, context));
  };
}
