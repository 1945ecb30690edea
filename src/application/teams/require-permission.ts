import { permitted } from '../../domain/team/acting.ts';
import { team } from '../../domain/team/decide.ts';
import type { OpenTeam, Role } from '../../domain/team/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import { permissionsInForce } from '../permissions/permissions-in-force.ts';
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

/** What commands rest on: the team's own stream and the catalogue as they are now, never a read model. */
export function requirePermission(deps: Pick<CommandHandling, 'eventStore' | 'snapshots'>): RequirePermission {
  const load = streamLoader(deps, team);
  const catalogueNow = permissionsInForce(deps);
  return async ({ teamId, userId, permission }) => {
    const [{ state }, catalogue] = await Promise.all([load(streams.team(teamId)), catalogueNow()]);
    const found = permitted({ by: userId, catalogue }, state, permission);
    return { team: found.team, role: found.actor };
  };
}
