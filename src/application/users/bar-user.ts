import { DomainError } from '../../domain/errors.ts';
import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { FindPlatformOwners } from '../platform/find-platform-owners.ts';
import type { Clock } from '../ports.ts';
import type { EndSessionsBefore } from '../sessions/end-sessions-before.ts';
import { streams } from '../streams.ts';
import { platformPermission, type AdministerUser } from './administrator.ts';
import type { RequirePlatformPermission } from './require-platform-permission.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  requirePlatformPermission: RequirePlatformPermission;
  findPlatformOwners: FindPlatformOwners;
  endSessionsBefore: EndSessionsBefore;
}

/** From now on every login is answered like a wrong password. Throws `last-administrator`. */
export const lockUser = (deps: Dependencies): AdministerUser =>
  barUser(deps, { bar: 'LockUser', undo: 'UnlockUser', reason: 'account-locked' });

/** From now on whoever gives the right password is told so, and nothing more. Throws `last-administrator`. */
export const deactivateUser = (deps: Dependencies): AdministerUser =>
  barUser(deps, { bar: 'DeactivateUser', undo: 'ReactivateUser', reason: 'account-deactivated' });

interface Kind {
  readonly bar: 'LockUser' | 'DeactivateUser';
  readonly undo: 'UnlockUser' | 'ReactivateUser';
  readonly reason: 'account-locked' | 'account-deactivated';
}

/** Ends the sessions before it answers, also where the account was barred before: that call may have died in between. */
function barUser(deps: Dependencies, { bar, undo, reason }: Kind): AdministerUser {
  const handle = commandHandler(deps, user);
  return async ({ administrator, userId }, context) => {
    const { clock, requirePlatformPermission, findPlatformOwners, endSessionsBefore } = deps;
    await requirePlatformPermission({ ...administrator, permission: platformPermission });
    const owners = (await findPlatformOwners()).active;
    const isOwner = owners.includes(userId);
    if (userId === administrator.userId || (isOwner && owners.length === 1)) {
      throw new DomainError('last-administrator');
    }
    const stream = streams.user(userId);
    const { position } = await handle(stream, { type: bar, userId, now: clock() }, context);
    // Two Owners may have shut out one another at once, each of them seeing the other: neither stands then.
    if (isOwner && (await findPlatformOwners()).active.length === 0) {
      await handle(stream, { type: undo, userId, now: clock() }, context);
      throw new DomainError('last-administrator');
    }
    if (position !== undefined) await endSessionsBefore({ userId, position, reason }, context);
    return { position };
  };
}
