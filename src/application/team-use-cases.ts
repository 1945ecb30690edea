import type { PermissionsInForce } from './permissions/permissions-in-force.ts';
import { createTeamInLogin } from './login/create-team-in-login.ts';
import type { Clock, Directory, Tokens } from './ports.ts';
import { createTeam } from './teams/create-team.ts';
import { leaveTeam } from './teams/leave-team.ts';
import { changeMember, removeMember } from './teams/manage-members.ts';
import { addRole, changeRole, retireRole } from './teams/manage-roles.ts';
import { closeTeam, renameTeam, setSessionPolicy } from './teams/manage-team.ts';
import { requireMember } from './teams/require-member.ts';
import type { TeamCommandHandling } from './teams/team-command.ts';
import { transferOwnership } from './teams/transfer-ownership.ts';

interface Dependencies extends TeamCommandHandling {
  clock: Clock;
  directory: Pick<Directory, 'teamsOf'>;
  teamSettings: { maxTeams: number };
  tokens: Tokens;
  permissionsInForce: PermissionsInForce;
}

/** What members do with a team, its roles and each other. */
export function teamUseCases(deps: Dependencies) {
  const create = createTeam(deps);
  return {
    requireMember: requireMember(deps),
    createTeam: create,
    createTeamInLogin: createTeamInLogin({ ...deps, createTeam: create }),
    renameTeam: renameTeam(deps),
    setSessionPolicy: setSessionPolicy(deps),
    closeTeam: closeTeam(deps),
    addRole: addRole(deps),
    changeRole: changeRole(deps),
    retireRole: retireRole(deps),
    changeMember: changeMember(deps),
    removeMember: removeMember(deps),
    leaveTeam: leaveTeam(deps),
    transferOwnership: transferOwnership(deps),
  };
}
