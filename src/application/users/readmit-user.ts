import { user } from '../../domain/user/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock } from '../ports.ts';
import { streams } from '../streams.ts';
import { platformPermission, type AdministerUser } from './administrator.ts';
import type { RequirePlatformPermission } from './require-platform-permission.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
  requirePlatformPermission: RequirePlatformPermission;
}

/** Lifts every lock of the account: an administrator's, and those of too many failures, anywhere and on devices. */
export const unlockUser = (deps: Dependencies): AdministerUser => readmitUser(deps, 'UnlockUser');

/** The person may log in again; what ended by the deactivation has ended. */
export const reactivateUser = (deps: Dependencies): AdministerUser => readmitUser(deps, 'ReactivateUser');

function readmitUser(deps: Dependencies, type: 'UnlockUser' | 'ReactivateUser'): AdministerUser {
  const handle = commandHandler(deps, user);
  return async ({ administrator, userId }, context) => {
    await deps.requirePlatformPermission({ ...administrator, permission: platformPermission });
    const { position } = await handle(streams.user(userId), { type, userId, now: deps.clock() }, context);
    return { position };
  };
}
