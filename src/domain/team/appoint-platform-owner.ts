import type { TeamEvent } from './events.ts';
import { ownersOf, type TeamState } from './state.ts';

/** Makes somebody Owner of the platform team because nobody is: whoever installed it has named their address. */
export interface AppointPlatformOwner {
  type: 'AppointPlatformOwner';
  teamId: string;
  userId: string;
  /** Owners whose accounts give no way in: they do not stand in the way. */
  barredOwners: readonly string[];
  now: Date;
}

/** Nothing where an Owner is there already, and in any other team. */
export function appointPlatformOwner(
  { teamId, userId, barredOwners, now }: AppointPlatformOwner,
  state: TeamState,
): readonly TeamEvent[] {
  if (state.status !== 'open' || !state.platform) return [];
  const owners = ownersOf(state);
  if (owners.includes(userId) || owners.some((owner) => !barredOwners.includes(owner))) return [];
  const role = Object.values(state.roles).find(({ kind }) => kind === 'owner');
  if (role === undefined) throw new Error('the platform team has no Owner role');
  return [{ type: 'MemberAdded', data: { teamId, userId, roleId: role.roleId, at: now.toISOString() } }];
}
