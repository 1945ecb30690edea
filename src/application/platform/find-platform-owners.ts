import { team } from '../../domain/team/decide.ts';
import { ownersOf } from '../../domain/team/state.ts';
import { user } from '../../domain/user/decide.ts';
import { barOf } from '../../domain/user/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import type { Tokens } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import { platformTeamId } from './platform-team-id.ts';

interface Dependencies extends Pick<CommandHandling, 'eventStore' | 'snapshots'> {
  tokens: Pick<Tokens, 'derivedId'>;
}

export interface PlatformOwners {
  /** Those whose account gives a way in. */
  readonly active: readonly string[];
  readonly barred: readonly string[];
}

export type FindPlatformOwners = () => Promise<PlatformOwners>;

export function findPlatformOwners(deps: Dependencies): FindPlatformOwners {
  const loadTeam = streamLoader(deps, team);
  const loadUser = streamLoader(deps, user);

  return async () => {
    const { state } = await loadTeam(streams.team(platformTeamId(deps.tokens)));
    const owners = state.status === 'open' ? ownersOf(state) : [];
    const judged = await Promise.all(owners.map(async (userId) => ({ userId, isActive: await isActive(userId) })));
    const those = (active: boolean) => judged.filter((owner) => owner.isActive === active).map(({ userId }) => userId);
    return { active: those(true), barred: those(false) };
  };

  async function isActive(userId: string): Promise<boolean> {
    const { state } = await loadUser(streams.user(userId));
    return state.status === 'active' && barOf(state) === undefined;
  }
}
