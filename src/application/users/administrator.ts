import type { Context } from '../ports.ts';

/** Who asks: the person, and the team that their session is in. */
export interface Administrator {
  readonly userId: string;
  readonly teamId: string;
}

/** What an administrator of the platform does with the account of `userId`. Throws `permission-missing`, `not-found`. */
export type AdministerUser = (
  request: { administrator: Administrator; userId: string },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

export const platformPermission = 'system.admin';
