import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import {
  Unavailable,
  WrongExpectedRevision,
  type Clock,
  type Context,
  type Credentials,
  type PasswordHash,
  type Passwords,
} from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  passwords: Passwords;
  credentials: Credentials;
  clock: Clock;
}

/** `password` has just matched `stored`. */
export type RehashPassword = (
  request: { userId: string; credentialId: string; password: string; stored: PasswordHash },
  context: Context,
) => Promise<void>;

/** Brings a hash of an older scheme, cost or pepper up to date: only now is the password at hand. */
export function rehashPassword(deps: Dependencies): RehashPassword {
  const handle = commandHandler(deps, user);
  return async ({ userId, credentialId, password, stored }, context) => {
    const { passwords, credentials, clock } = deps;
    if (passwords.isCurrent(stored)) return;
    try {
      const hash = await passwords.hash(password);
      // Another login may have done it, and a hash that a change has removed must not come back.
      if (!(await credentials.replace(credentialId, stored, hash))) return;
      const { scheme, pepperVersion } = hash;
      const command = { type: 'RecordRehash', userId, credentialId, scheme, pepperVersion, now: clock() } as const;
      await handle(streams.user(userId), command, context);
    } catch (error) {
      // No login fails for it; the next one tries again.
      if (!(error instanceof Unavailable) && !(error instanceof WrongExpectedRevision)) throw error;
    }
  };
}
