import { DomainError } from '../../domain/errors.ts';
import { isGranted } from '../../domain/permissions.ts';
import { team } from '../../domain/team/decide.ts';
import { memberRole, type OpenTeam, type Role } from '../../domain/team/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

export interface Permitted {
  readonly team: OpenTeam;
  /** Of whoever asked. */
  readonly role: Role;
}

/**
 * Throws `team-not-found` for a team that does not exist and for one that `userId` is no member of alike, and
 * `permission-missing` with the permission's name.
 */
export type RequirePermission = (request: { teamId: string; userId: string; permission: string }) => Promise<Permitted>;

/** What commands rest on: the team's own stream as it is now, never a read model. */
export function requirePermission(deps: Pick<CommandHandling, 'eventStore' | 'snapshots'>): RequirePermission {
  const load = streamLoader(deps, team);
  return async ({ teamId, userId, permission }) => {
    const { state } = await load(streams.team(teamId));
    const role = memberRole(state, userId);
    if (state.status !== 'open' || role === undefined) throw new DomainError('team-not-found');
    if (!isGranted(role.grants, permission)) throw new DomainError('permission-missing', { permission });
    return { team: state, role };
  };
}
