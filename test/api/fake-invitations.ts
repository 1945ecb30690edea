import type { UseCases } from '../../src/api/dependencies.ts';
import type { Queries } from '../../src/api/queries.ts';
import { at, id, roleId, teamId, userId } from './fake-ids.ts';

type InvitationUseCase =
  | 'requirePermission'
  | 'inviteMember'
  | 'resendInvitation'
  | 'revokeInvitation'
  | 'previewInvitation'
  | 'acceptAsNewPerson'
  | 'acceptAsUser';

const preview = {
  teamName: 'Acme & Sons',
  roleName: 'Developer',
  inviterName: 'Grace',
  maskedEmail: 'a***@example.com',
  hasAccount: false,
  expiresAt: at,
  viewer: 'nobody' as const,
};
const joined = { userId, teamId, teamName: 'Acme & Sons', roleId, roleName: 'Developer', position: 23n };

export const invitationUseCases: Pick<UseCases, InvitationUseCase> = {
  requirePermission: () =>
    Promise.resolve({
      team: {
        status: 'open',
        name: 'Acme & Sons',
        platform: false,
        idleTimeoutSeconds: null,
        roles: {},
        members: {},
        acceptances: [],
      },
      role: { roleId, name: 'Owner', kind: 'owner', grants: ['*'] },
    }),
  inviteMember: () => Promise.resolve({ invitationId: id(20), expiresAt: at, position: 20n }),
  resendInvitation: () => Promise.resolve({ expiresAt: at, position: 21n }),
  revokeInvitation: () => Promise.resolve({ position: 22n }),
  previewInvitation: () => Promise.resolve(preview),
  acceptAsNewPerson: () => Promise.resolve(joined),
  acceptAsUser: () => Promise.resolve(joined),
};

export const invitationQueries: Pick<Queries, 'invitations'> = {
  invitations: () =>
    Promise.resolve({
      items: [
        {
          invitationId: id(20),
          email: 'bob@example.com',
          roleId,
          roleName: 'Developer',
          status: 'open' as const,
          invitedBy: { userId, name: 'Ada' },
          issuedAt: at,
          expiresAt: at,
          endedAt: null,
        },
      ],
      nextCursor: 'NDI',
    }),
};
