import type { Context } from '../ports.ts';
import type { ProvePassword } from '../passwords/prove-password.ts';
import type { ErasePerson } from './erase-person.ts';

export type EraseMyself = (
  request: { userId: string; deviceId: string; password: string; ip: string },
  context: Context,
) => ReturnType<ErasePerson>;

/** Needs the password: a stolen session must not be enough. Throws `current-password-wrong`, `last-owner`. */
export function eraseMyself(deps: { provePassword: ProvePassword; erasePerson: ErasePerson }): EraseMyself {
  return async ({ userId, deviceId, password, ip }, context) => {
    await deps.provePassword({ userId, deviceId, password, ip }, context);
    return deps.erasePerson({ userId }, context);
  };
}
