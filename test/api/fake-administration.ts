import type { ApiDependencies } from '../../src/api/dependencies.ts';

type Names =
  | 'requirePlatformPermission'
  | 'lockUser'
  | 'unlockUser'
  | 'deactivateUser'
  | 'reactivateUser'
  | 'demandPasswordChange';

/** An administrator of the platform may do anything here. */
export const administrationUseCases: Pick<ApiDependencies['useCases'], Names> = {
  requirePlatformPermission: () => Promise.resolve(),
  lockUser: () => Promise.resolve({ position: 90n }),
  unlockUser: () => Promise.resolve({ position: 91n }),
  deactivateUser: () => Promise.resolve({ position: 92n }),
  reactivateUser: () => Promise.resolve({ position: 93n }),
  demandPasswordChange: () => Promise.resolve({ position: 94n }),
};
