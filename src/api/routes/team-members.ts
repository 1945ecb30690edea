import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Members';

const ofTeam = z.strictObject({ teamId: input.id });
const oneOfTeam = z.strictObject({ teamId: input.id, userId: input.id });
const toUser = z.strictObject({ userId: input.id });

const member = z.strictObject({
  userId: input.id,
  name: z.string().nullable(),
  email: z.string().nullable(),
  role: z.strictObject({ roleId: input.id, name: z.string() }),
  joinedAt: input.time,
});

const problems = ['team-not-found', 'not-found', 'conflict', 'event-store-unavailable'] as const;
const memberProblems = [...problems, 'member-not-found', 'permission-missing', 'not-an-owner', 'last-owner'] as const;

type Deps = Pick<ApiDependencies, 'useCases' | 'queries'>;

export const teamMemberEndpoints = (deps: Deps): Endpoint[] => [
  list(deps),
  change(deps),
  remove(deps),
  leave(deps),
  transfer(deps),
];

const list = ({ useCases, queries }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/teams/:teamId/members',
    tag,
    summary: 'Who is in a team of mine, in the order of joining, for holders of `team.view`',
    auth: 'session',
    params: ofTeam,
    query: z.strictObject({ cursor: input.cursor.optional(), limit: input.limit }),
    body: nothing,
    success: {
      status: 200,
      description: 'A page of them',
      body: z.strictObject({ items: z.array(member), nextCursor: z.string().optional() }),
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
      await useCases.requirePermission({ teamId, userId, permission: 'team.view' });
      const { items, nextCursor } = await queries.members(teamId, query);
      const shown = items.map(({ roleId, roleName, ...plain }) => ({
        ...plain,
        role: { roleId, name: roleName },
      }));
      return { body: { items: shown, ...(nextCursor !== undefined && { nextCursor }) } };
    },
  });

const change = ({ useCases }: Deps) =>
  endpoint({
    method: 'patch',
    path: '/v1/teams/:teamId/members/:userId',
    tag,
    summary: 'Give a member another role; needs `user.manage`, and all that both roles hold',
    auth: 'session',
    params: oneOfTeam,
    query: nothing,
    body: z.strictObject({ roleId: input.id }),
    success: { status: 204, description: 'Their next request has that role', body: nothing },
    problems: [...memberProblems, 'role-not-found'],
    handle: ({ params: { teamId, userId: memberId }, body: { roleId }, caller: { userId }, context }) =>
      useCases.changeMember({ teamId, userId, memberId, roleId }, context),
  });

const remove = ({ useCases }: Deps) =>
  endpoint({
    method: 'delete',
    path: '/v1/teams/:teamId/members/:userId',
    tag,
    summary: 'Remove a member; needs `user.manage`, and all that their role holds',
    auth: 'session',
    params: oneOfTeam,
    query: nothing,
    body: nothing,
    success: { status: 204, description: 'Their next request is refused here', body: nothing },
    problems: memberProblems,
    handle: ({ params: { teamId, userId: memberId }, caller: { userId }, context }) =>
      useCases.removeMember({ teamId, userId, memberId }, context),
  });

const leave = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/teams/:teamId/leave',
    tag,
    summary: 'Leave a team; the only Owner hands it over first, or closes it',
    auth: 'session',
    params: ofTeam,
    query: nothing,
    body: nothing,
    success: { status: 204, description: 'The caller is no member any more', body: nothing },
    problems: [...problems, 'last-owner'],
    handle: ({ params: { teamId }, caller: { userId }, context }) => useCases.leaveTeam({ teamId, userId }, context),
  });

const transfer = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/teams/:teamId/ownership',
    tag,
    summary: 'Make another member Owner in my place; I go on as a Manager',
    auth: 'session',
    params: ofTeam,
    query: nothing,
    body: toUser,
    success: { status: 204, description: 'The team has another Owner', body: nothing },
    problems: [...problems, 'member-not-found', 'not-an-owner'],
    handle: ({ params: { teamId }, body, caller: { userId }, context }) =>
      useCases.transferOwnership({ teamId, userId, toUserId: body.userId }, context),
  });
