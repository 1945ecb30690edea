import { normalisePassword } from '../../domain/password-policy.ts';
import type { Context } from '../ports.ts';
import type { ChoosePassword } from './choose-password.ts';
import type { JudgePassword } from './judge-password.ts';
import type { ProvePassword } from './prove-password.ts';

interface Dependencies {
  provePassword: ProvePassword;
  judgePassword: JudgePassword;
  choosePassword: ChoosePassword;
}

interface Request {
  userId: string;
  /** Goes on; all others end. */
  sessionId: string;
  deviceId: string;
  currentPassword: string;
  password: string;
  ip: string;
}

export type ChangePassword = (request: Request, context: Context) => Promise<{ position: bigint | undefined }>;

/** Needs the current password. The new one is judged first: trying several must not count as guessing. */
export function changePassword(deps: Dependencies): ChangePassword {
  return async ({ userId, sessionId, deviceId, currentPassword, ip, ...request }, context) => {
    const password = normalisePassword(request.password);
    const { credentialId } = await deps.provePassword(
      { userId, deviceId, password: currentPassword, ip, before: (person) => deps.judgePassword(person, password) },
      context,
    );
    const proof = { kind: 'current-password', credentialId } as const;
    return deps.choosePassword({ userId, password, proof, keepSessionId: sessionId }, context);
  };
}
