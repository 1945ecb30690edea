import type { UseCases } from '../../src/api/dependencies.ts';
import type { Queries } from '../../src/api/queries.ts';
import type { Role } from '../../src/domain/team/state.ts';
import { at, id, roleId, teamId, userId } from './fake-ids.ts';

type TeamUseCase =
  | 'requireMember'
  | 'createTeam'
  | 'createTeamInLogin'
  | 'renameTeam'
  | 'setSessionPolicy'
  | 'closeTeam'
  | 'addRole'
  | 'changeRole'
  | 'retireRole'
  | 'changeMember'
  | 'removeMember'
  | 'leaveTeam'
  | 'transferOwnership';

const owner: Role = { roleId, name: 'Owner', kind: 'owner', grants: ['*'] };

export const teamOf = (role: Role = owner) => ({
  team: {
    status: 'open' as const,
    name: 'Acme',
    platform: false,
    idleTimeoutSeconds: 900,
    roles: { [role.roleId]: role },
    members: { [userId]: role.roleId },
    acceptances: [],
  },
  role,
});

export const teamUseCases: Pick<UseCases, TeamUseCase> = {
  requireMember: () => Promise.resolve(teamOf()),
  createTeam: () => Promise.resolve({ teamId, position: 61n }),
  createTeamInLogin: () => Promise.resolve({ teamId, position: 62n }),
  renameTeam: () => Promise.resolve({ position: 63n }),
  setSessionPolicy: () => Promise.resolve({ position: 64n }),
  closeTeam: () => Promise.resolve({ position: 65n }),
  addRole: () => Promise.resolve({ roleId: id(50), position: 66n }),
  changeRole: () => Promise.resolve({ position: 67n }),
  retireRole: () => Promise.resolve({ position: 68n }),
  changeMember: () => Promise.resolve({ position: 69n }),
  removeMember: () => Promise.resolve({ position: 70n }),
  leaveTeam: () => Promise.resolve({ position: 71n }),
  transferOwnership: () => Promise.resolve({ position: 72n }),
};

export const teamQueries: Pick<Queries, 'members'> = {
  members: () =>
    Promise.resolve({
      items: [
        { userId, name: 'Ada', email: 'ada@example.com', roleId, roleName: 'Owner', joinedAt: at },
        { userId: id(51), name: null, email: null, roleId: id(50), roleName: 'Deployer', joinedAt: at },
      ],
      nextCursor: 'NDI',
    }),
};
