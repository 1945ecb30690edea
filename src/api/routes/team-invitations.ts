import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Invitations';

const invited = z.strictObject({ invitationId: input.id, expiresAt: input.time });
const ofTeam = z.strictObject({ teamId: input.id });
const oneOfTeam = z.strictObject({ teamId: input.id, invitationId: input.id });

const listed = z.strictObject({
  invitationId: input.id,
  email: z.string().nullable(),
  role: z.strictObject({ roleId: input.id, name: z.string().nullable() }),
  status: z.enum(['open', 'accepted', 'failed', 'revoked', 'expired']),
  invitedBy: z.strictObject({
    userId: input.id.nullable().describe('`null`: the installation itself'),
    name: z.string().nullable(),
  }),
  issuedAt: input.time,
  expiresAt: input.time,
  endedAt: input.time.nullable(),
});

type Deps = Pick<ApiDependencies, 'useCases' | 'queries'>;

/** For members who may invite. */
export const teamInvitationEndpoints = (deps: Deps): Endpoint[] => [
  invite(deps),
  list(deps),
  resend(deps),
  revoke(deps),
];

const invite = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/teams/:teamId/invitations',
    tag,
    summary: 'Invite an address to the team; inviting it again replaces the link',
    auth: 'session',
    params: ofTeam,
    query: nothing,
    body: z.strictObject({ email: input.email, roleId: input.id }),
    success: {
      status: 201,
      description: 'An e-mail is on its way; whether the address is known is not told',
      body: invited,
    },
    problems: [
      'team-not-found',
      'role-not-found',
      'permission-missing',
      'too-many-attempts',
      'not-found',
      'conflict',
      'event-store-unavailable',
    ],
    handle: async ({ params: { teamId }, body, caller: { userId }, context }) => {
      const { position, ...answer } = await useCases.inviteMember({ teamId, userId, ...body }, context);
      return { body: answer, position };
    },
  });

const list = ({ useCases, queries }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/teams/:teamId/invitations',
    tag,
    summary: 'The newest invitation of each address, the newest first',
    auth: 'session',
    params: ofTeam,
    query: z.strictObject({ cursor: input.cursor.optional(), limit: input.limit }),
    body: nothing,
    success: {
      status: 200,
      description: 'A page of them',
      body: z.strictObject({ items: z.array(listed), nextCursor: z.string().optional() }),
    },
    problems: [
      'team-not-found',
      'permission-missing',
      'not-found',
      'invalid-request',
      'event-store-unavailable',
      'database-unavailable',
    ],
    handle: async ({ params: { teamId }, query, caller: { userId } }) => {
      await useCases.requirePermission({ teamId, userId, permission: 'team.invite' });
      const { items, nextCursor } = await queries.invitations(teamId, query);
      const shown = items.map(({ roleId, roleName, invitedBy, ...plain }) => ({
        ...plain,
        role: { roleId, name: roleName },
        invitedBy: { ...invitedBy },
      }));
      return { body: { items: shown, ...(nextCursor !== undefined && { nextCursor }) } };
    },
  });

const resend = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/teams/:teamId/invitations/:invitationId/resend',
    tag,
    summary: 'Mail the same link again; at most three mails an hour go to one address for a team',
    auth: 'session',
    params: oneOfTeam,
    query: nothing,
    body: nothing,
    success: { status: 202, description: 'An e-mail is on its way', body: invited },
    problems: [
      'team-not-found',
      'invitation-not-found',
      'permission-missing',
      'invitation-expired',
      'invitation-revoked',
      'invitation-used',
      'too-many-attempts',
      'not-found',
      'conflict',
      'event-store-unavailable',
    ],
    handle: async ({ params, caller: { userId }, context }) => {
      const { expiresAt, position } = await useCases.resendInvitation({ ...params, userId }, context);
      return { body: { invitationId: params.invitationId, expiresAt }, position };
    },
  });

const revoke = ({ useCases }: Deps) =>
  endpoint({
    method: 'delete',
    path: '/v1/teams/:teamId/invitations/:invitationId',
    tag,
    summary: 'Withdraw an invitation: its link is good no more',
    auth: 'session',
    params: oneOfTeam,
    query: nothing,
    body: nothing,
    success: { status: 204, description: 'Nobody can accept it any more', body: nothing },
    problems: [
      'team-not-found',
      'invitation-not-found',
      'permission-missing',
      'invitation-used',
      'not-found',
      'conflict',
      'event-store-unavailable',
    ],
    handle: ({ params, caller: { userId }, context }) => useCases.revokeInvitation({ ...params, userId }, context),
  });
