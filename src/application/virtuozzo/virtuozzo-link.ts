import { DomainError } from '../../domain/errors.ts';
import type { LinkedVirtuozzo } from '../../domain/virtuozzo/state.ts';
import { virtuozzo } from '../../domain/virtuozzo/decide.ts';
import type { CommandHandling } from '../command-handler.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';
import type { RequirePermission } from '../teams/require-permission.ts';

export interface VirtuozzoReading extends Pick<CommandHandling, 'eventStore' | 'snapshots'> {
  requirePermission: RequirePermission;
}

/** The link as the team's own stream has it. */
export function virtuozzoLinks(deps: Pick<CommandHandling, 'eventStore' | 'snapshots'>) {
  const load = streamLoader(deps, virtuozzo);
  return async (teamId: string): Promise<LinkedVirtuozzo | undefined> => {
    const { state } = await load(streams.virtuozzo(teamId));
    return state.status === 'linked' ? state : undefined;
  };
}

/** Throws `team-not-found` for strangers and `not-an-owner` for other members. */
export async function requireOwner(
  requirePermission: RequirePermission,
  { teamId, userId }: { teamId: string; userId: string },
): Promise<void> {
  const { role } = await requirePermission({ teamId, userId, permission: 'team.view' });
  if (role.kind !== 'owner') throw new DomainError('not-an-owner');
}
