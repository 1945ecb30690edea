import type { ForcePasswordChange } from '../passwords/force-password-change.ts';
import { platformPermission, type AdministerUser } from './administrator.ts';
import type { RequirePlatformPermission } from './require-platform-permission.ts';

interface Dependencies {
  requirePlatformPermission: RequirePlatformPermission;
  forcePasswordChange: ForcePasswordChange;
}

/** From now on the password is good for nothing but to choose another, and all sessions have ended. */
export function demandPasswordChange(deps: Dependencies): AdministerUser {
  return async ({ administrator, userId }, context) => {
    await deps.requirePlatformPermission({ ...administrator, permission: platformPermission });
    return deps.forcePasswordChange({ userId, by: administrator.userId }, context);
  };
}
