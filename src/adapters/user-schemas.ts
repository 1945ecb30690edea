import { z } from 'zod';

const decision = z.strictObject({ userId: z.string().min(1), at: z.iso.datetime() });

const failures = [
  'wrong-password',
  'account-locked',
  'account-deactivated',
  'email-not-verified',
  'password-change-required',
] as const;

export const loginFailure = z.enum(failures);
export const deviceLoginFailure = z.enum(['device-locked', ...failures]);

/** What administrators of the platform do with an account. */
export const userAdministration = {
  UserLocked: decision,
  UserUnlocked: decision,
  UserDeactivated: decision,
  UserReactivated: decision,
} as const;
