import type { CommandHandling } from '../command-handler.ts';
import type { ForcePasswordChange } from '../passwords/force-password-change.ts';
import type { Clock, Tokens } from '../ports.ts';
import type { CacheSessions } from '../sessions/cache-sessions.ts';
import { endSessionsBefore } from '../sessions/end-sessions-before.ts';
import { deactivateUser, lockUser } from '../users/bar-user.ts';
import { demandPasswordChange } from '../users/demand-password-change.ts';
import { reactivateUser, unlockUser } from '../users/readmit-user.ts';
import { requirePlatformPermission } from '../users/require-platform-permission.ts';
import { appointAdministrator } from './appoint-administrator.ts';
import { bootstrapPlatform } from './bootstrap-platform.ts';
import { findPlatformOwners } from './find-platform-owners.ts';

interface Dependencies extends CommandHandling {
  tokens: Tokens;
  clock: Clock;
  bootstrapAdminEmail?: string | undefined;
  cacheSessions: CacheSessions;
  forcePasswordChange: ForcePasswordChange;
}

/** What the platform team is there for, and how it comes into being. */
export function platformUseCases(deps: Dependencies) {
  const administering = {
    ...deps,
    requirePlatformPermission: requirePlatformPermission(deps),
    findPlatformOwners: findPlatformOwners(deps),
    endSessionsBefore: endSessionsBefore(deps),
  };
  return {
    requirePlatformPermission: administering.requirePlatformPermission,
    endSessionsBefore: administering.endSessionsBefore,
    bootstrapPlatform: bootstrapPlatform(administering),
    appointAdministrator: appointAdministrator(administering),
    lockUser: lockUser(administering),
    unlockUser: unlockUser(administering),
    deactivateUser: deactivateUser(administering),
    reactivateUser: reactivateUser(administering),
    demandPasswordChange: demandPasswordChange(administering),
  };
}
