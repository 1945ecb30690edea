import { memberRole, type TeamState } from '../../domain/team/state.ts';
import { Unavailable, type Directory } from '../ports.ts';
import type { TeamEpoch } from '../session-cache.ts';
import type { Access } from './access.ts';
import type { AnnounceTeam } from './announce-team.ts';
import type { TeamCopies } from './team-copies.ts';

/** Whose session in which team, as `checkSession` found it. */
export interface Caller {
  readonly userId: string;
  readonly teamId: string;
  readonly teamEpoch: TeamEpoch;
}

/** `undefined` for somebody who is no member of the team any more. */
export type AccessOf = (caller: Caller) => Promise<Access | undefined>;

interface Dependencies {
  teamCopies: TeamCopies;
  announceTeam: AnnounceTeam;
  directory: Pick<Directory, 'access'>;
}

/**
 * The rights of a caller as they are now: every change that was acknowledged before the request is in them. While the
 * log is away nothing can change, and the read models answer for teams that this process has no good copy of.
 */
export function accessOf({ teamCopies, announceTeam, directory }: Dependencies): AccessOf {
  return async ({ userId, teamId, teamEpoch }) => {
    try {
      const { state, revision } = await teamCopies(teamId, teamEpoch);
      if (teamEpoch === 'unknown') await announceTeam(teamId, revision);
      return accessIn(state, teamId, userId);
    } catch (error) {
      if (!(error instanceof Unavailable) || error.what !== 'event-store') throw error;
      return directory.access(teamId, userId);
    }
  };
}

/** States are values: what one says about a member is found out once. */
const known = new WeakMap<TeamState, Map<string, Access>>();

function accessIn(state: TeamState, teamId: string, userId: string): Access | undefined {
  const before = known.get(state)?.get(userId);
  if (before !== undefined) return before;
  const access = foundIn(state, teamId, userId);
  if (access !== undefined) known.set(state, (known.get(state) ?? new Map<string, Access>()).set(userId, access));
  return access;
}

function foundIn(state: TeamState, teamId: string, userId: string): Access | undefined {
  const role = memberRole(state, userId);
  if (role === undefined || state.status !== 'open') return undefined;
  const { name, platform, idleTimeoutSeconds } = state;
  const { roleId, kind, grants } = role;
  return { team: { teamId, name }, role: { roleId, name: role.name, kind }, grants, platform, idleTimeoutSeconds };
}
