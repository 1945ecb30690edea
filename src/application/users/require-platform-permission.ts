import { DomainError } from '../../domain/errors.ts';
import { isGranted } from '../../domain/permissions.ts';
import { team } from '../../domain/team/decide.ts';
import { memberRole } from '../../domain/team/state.ts';
import type { CommandHandling } from '../command-handler.ts';
import { platformTeamId } from '../platform/platform-team-id.ts';
import type { Tokens } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

interface Dependencies extends Pick<CommandHandling, 'eventStore' | 'snapshots'> {
  tokens: Pick<Tokens, 'derivedId'>;
}

/**
 * `teamId` is the team of the caller's session. Throws `permission-missing` with the permission's name unless that is
 * the platform team, and the caller's role there, as it is now, holds the permission.
 */
export type RequirePlatformPermission = (request: {
  userId: string;
  teamId: string;
  permission: string;
}) => Promise<void>;

export function requirePlatformPermission(deps: Dependencies): RequirePlatformPermission {
  const load = streamLoader(deps, team);
  return async ({ userId, teamId, permission }) => {
    const refused = () => new DomainError('permission-missing', { permission });
    if (teamId !== platformTeamId(deps.tokens)) throw refused();
    const role = memberRole((await load(streams.team(teamId))).state, userId);
    if (role === undefined || !isGranted(role.grants, permission)) throw refused();
  };
}
