import { DomainError } from '../errors.ts';
import type { AdministrationEvent } from './events.ts';
import type { ActiveUser, UserState } from './state.ts';

/** What administrators of the platform do with an account. Throws `not-found` where there is no account (yet). */
export type AdministrationCommand =
  | { type: 'LockUser'; userId: string; now: Date }
  /** Lifts the locks of too many failures too, those of devices included. */
  | { type: 'UnlockUser'; userId: string; now: Date }
  | { type: 'DeactivateUser'; userId: string; now: Date }
  | { type: 'ReactivateUser'; userId: string; now: Date };

interface Rule {
  readonly event: AdministrationEvent['type'];
  readonly isDue: (account: ActiveUser) => boolean;
}

const rules: { readonly [Type in AdministrationCommand['type']]: Rule } = {
  LockUser: { event: 'UserLocked', isDue: ({ lockedByAdministrator }) => !lockedByAdministrator },
  UnlockUser: { event: 'UserUnlocked', isDue: isLockedSomehow },
  DeactivateUser: { event: 'UserDeactivated', isDue: ({ deactivated }) => !deactivated },
  ReactivateUser: { event: 'UserReactivated', isDue: ({ deactivated }) => deactivated },
};

export function isAdministrationCommand(command: { type: string }): command is AdministrationCommand {
  return Object.hasOwn(rules, command.type);
}

export function decideAdministration(
  { type, userId, now }: AdministrationCommand,
  state: UserState,
): readonly AdministrationEvent[] {
  if (state.status !== 'active') throw new DomainError('not-found');
  const { event, isDue } = rules[type];
  return isDue(state) ? [{ type: event, data: { userId, at: now.toISOString() } }] : [];
}

function isLockedSomehow(account: ActiveUser): boolean {
  const { lockedByAdministrator, failedLogins, lockedUntil, locksInARow, deviceFailures } = account;
  const byFailures = failedLogins > 0 || lockedUntil !== null || locksInARow > 0 || deviceFailures.length > 0;
  return lockedByAdministrator || byFailures;
}
