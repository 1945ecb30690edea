import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Roles';

const ofTeam = z.strictObject({ teamId: input.id });
const oneOfTeam = z.strictObject({ teamId: input.id, roleId: input.id });

const role = z.strictObject({
  roleId: input.id,
  name: z.string(),
  kind: z.enum(['owner', 'manager', 'developer', 'reviewer', 'custom']),
  permissions: z.array(z.string()).describe('As they were granted: a permission, `category.*` or `*`'),
});

const changeProblems = [
  'team-not-found',
  'permission-missing',
  'not-an-owner',
  'role-name-taken',
  'unknown-permission',
  'not-found',
  'conflict',
  'event-store-unavailable',
] as const;

type Deps = Pick<ApiDependencies, 'useCases'>;

export const teamRoleEndpoints = (deps: Deps): Endpoint[] => [list(deps), add(deps), change(deps), retire(deps)];

const list = ({ useCases }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/teams/:teamId/roles',
    tag,
    summary: 'The roles of a team; needs `team.view`',
    auth: 'session',
    params: ofTeam,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'All of them', body: z.strictObject({ items: z.array(role) }) },
    problems: ['team-not-found', 'permission-missing', 'not-found', 'event-store-unavailable'],
    handle: async ({ params: { teamId }, caller: { userId } }) => {
      const { team } = await useCases.requirePermission({ teamId, userId, permission: 'team.view' });
      const items = Object.values(team.roles).map(({ roleId, name, kind, grants }) => ({
        roleId,
        name,
        kind,
        permissions: [...grants],
      }));
      return { body: { items } };
    },
  });

const add = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/teams/:teamId/roles',
    tag,
    summary: 'A role of the team’s own; needs `team.manage`, and all that it is to hold',
    auth: 'session',
    params: ofTeam,
    query: nothing,
    body: z.strictObject({ name: input.roleName, permissions: input.grants }),
    success: { status: 201, description: 'It can be given to members', body: z.strictObject({ roleId: input.id }) },
    problems: [...changeProblems, 'too-many-roles'],
    handle: async ({ params: { teamId }, body, caller: { userId }, context }) => {
      const { roleId, position } = await useCases.addRole({ teamId, userId, ...body }, context);
      return { body: { roleId }, position };
    },
  });

const change = ({ useCases }: Deps) =>
  endpoint({
    method: 'patch',
    path: '/v1/teams/:teamId/roles/:roleId',
    tag,
    summary: 'Change the name or the permissions of a role of the team’s own; needs all that it holds and is to hold',
    auth: 'session',
    params: oneOfTeam,
    query: nothing,
    body: z.strictObject({ name: input.roleName.optional(), permissions: input.grants.optional() }),
    success: { status: 204, description: 'The next request of those who have it obeys it', body: nothing },
    problems: [...changeProblems, 'role-not-found', 'role-not-editable'],
    handle: ({ params: { teamId, roleId }, body, caller: { userId }, context }) =>
      useCases.changeRole({ teamId, userId, roleId, ...body }, context),
  });

const retire = ({ useCases }: Deps) =>
  endpoint({
    method: 'delete',
    path: '/v1/teams/:teamId/roles/:roleId',
    tag,
    summary: 'Retire a role of the team’s own; members who have it get the one of `reassignTo`',
    auth: 'session',
    params: oneOfTeam,
    query: z.strictObject({ reassignTo: input.id.optional() }),
    body: nothing,
    success: { status: 204, description: 'Nobody has it any more', body: nothing },
    problems: [
      'team-not-found',
      'permission-missing',
      'not-an-owner',
      'role-not-found',
      'role-not-editable',
      'role-in-use',
      'invalid-request',
      'not-found',
      'conflict',
      'event-store-unavailable',
    ],
    handle: ({ params: { teamId, roleId }, query: { reassignTo }, caller: { userId }, context }) =>
      useCases.retireRole({ teamId, userId, roleId, reassignTo }, context),
  });
