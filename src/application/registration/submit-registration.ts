import { normaliseEmail } from '../../domain/email-address/normalise.ts';
import { DomainError } from '../../domain/errors.ts';
import { normalisePassword, passwordProblems } from '../../domain/password-policy.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context, Credentials, Passwords, Tokens } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  passwords: Passwords;
  credentials: Credentials;
  tokens: Tokens;
  clock: Clock;
}

interface Registration {
  email: string;
  password: string;
  name: string;
  teamName: string;
  deviceToken: string;
}

export type SubmitRegistration = (request: Registration, context: Context) => Promise<{ position: bigint | undefined }>;

/**
 * Records that somebody wants an account. It does not look whether the address is known, so neither its answer nor its
 * work can tell (OWASP ASVS 5.0 §6.3.8): `completeRegistration` finds out afterwards.
 */
export function submitRegistration(deps: Dependencies): SubmitRegistration {
  const handle = commandHandler(deps, user);
  return async (request, context) => {
    const { passwords, credentials, tokens, newId, clock } = deps;
    const email = normaliseEmail(request.email);
    const password = normalisePassword(request.password);
    const { name, teamName } = request;
    const problems = passwordProblems({ password, isCommon: passwords.isCommon(password), name, email, teamName });
    if (problems.length > 0) throw new DomainError('password-not-acceptable', { reasons: problems.join(', ') });

    const hash = await passwords.hash(password);
    const [userId, credentialId, teamId] = [newId(), newId(), newId()];
    await credentials.save(credentialId, userId, hash);
    const deviceId = tokens.deviceId(request.deviceToken, userId);
    const emailHash = tokens.emailHash(email);
    const { position } = await handle(
      streams.user(userId),
      {
        type: 'SubmitRegistration',
        userId,
        emailHash,
        email,
        name,
        teamName,
        teamId,
        credentialId,
        deviceId,
        now: clock(),
      },
      context,
    );
    return { position };
  };
}
