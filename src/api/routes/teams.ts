import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { header } from '../request-facts.ts';
import { teamMemberEndpoints } from './team-members.ts';
import { teamRoleEndpoints } from './team-roles.ts';

const tag = 'Teams';

const ofTeam = z.strictObject({ teamId: input.id });
const own = z.strictObject({ teamId: input.id, name: z.string(), role: z.string() });
const idleTimeout = z.int().min(300).max(86_400);

const team = z.strictObject({
  teamId: input.id,
  name: z.string(),
  role: z.strictObject({ roleId: input.id, name: z.string() }).describe('Of the caller'),
  idleTimeoutSeconds: z.int().positive().nullable().describe('`null` while the default of the installation holds'),
});

const changeProblems = [
  'team-not-found',
  'permission-missing',
  'not-found',
  'conflict',
  'event-store-unavailable',
] as const;
const ownerProblems = ['team-not-found', 'not-an-owner', 'not-found', 'conflict', 'event-store-unavailable'] as const;

type Deps = Pick<ApiDependencies, 'useCases' | 'queries'>;

export const teamEndpoints = (deps: Deps): Endpoint[] => [
  createTeam(deps),
  ownTeams(deps),
  showTeam(deps),
  renameTeam(deps),
  closeTeam(deps),
  setSessionPolicy(deps),
  ...teamMemberEndpoints(deps),
  ...teamRoleEndpoints(deps),
];

const createTeam = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/teams',
    tag,
    summary: 'A new team, with the caller as its Owner; also with the login token of a login that waits for a team',
    auth: 'session-or-login',
    params: nothing,
    query: nothing,
    body: z.strictObject({ name: input.teamName }),
    success: { status: 201, description: 'The team is there', body: ofTeam },
    problems: [
      'login-not-found',
      'login-expired',
      'login-denied',
      'login-step-not-due',
      'too-many-teams',
      'conflict',
      'event-store-unavailable',
      'database-unavailable',
    ],
    handle: async ({ body: { name }, caller, context, request }) => {
      const sameAs = header(request.headers, 'idempotency-key');
      const { teamId, position } =
        'loginToken' in caller
          ? await useCases.createTeamInLogin({ loginToken: caller.loginToken, name, sameAs }, context)
          : await useCases.createTeam(
              { userId: caller.userId, name, sameAs: sameAs && `${caller.sessionId} ${sameAs}` },
              context,
            );
      return { body: { teamId }, position };
    },
  });

const ownTeams = ({ queries }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/teams',
    tag,
    summary: 'The teams I am a member of, in the order of joining',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'All of them', body: z.strictObject({ items: z.array(own) }) },
    problems: ['database-unavailable'],
    handle: async ({ caller: { userId } }) => {
      const teams = await queries.teams(userId);
      return { body: { items: teams.map(({ teamId, name, role }) => ({ teamId, name, role })) } };
    },
  });

const showTeam = ({ useCases }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/teams/:teamId',
    tag,
    summary: 'A team of mine',
    auth: 'session',
    params: ofTeam,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'The team', body: team },
    problems: ['team-not-found', 'not-found', 'event-store-unavailable'],
    handle: async ({ params: { teamId }, caller: { userId } }) => {
      const { team: found, role } = await useCases.requireMember({ teamId, userId });
      const { name, idleTimeoutSeconds } = found;
      return { body: { teamId, name, role: { roleId: role.roleId, name: role.name }, idleTimeoutSeconds } };
    },
  });

const renameTeam = ({ useCases }: Deps) =>
  endpoint({
    method: 'patch',
    path: '/v1/teams/:teamId',
    tag,
    summary: 'Rename a team; needs `team.manage`',
    auth: 'session',
    params: ofTeam,
    query: nothing,
    body: z.strictObject({ name: input.teamName }),
    success: { status: 204, description: 'It has that name', body: nothing },
    problems: changeProblems,
    handle: ({ params: { teamId }, body: { name }, caller: { userId }, context }) =>
      useCases.renameTeam({ teamId, userId, name }, context),
  });

const closeTeam = ({ useCases }: Deps) =>
  endpoint({
    method: 'delete',
    path: '/v1/teams/:teamId',
    tag,
    summary: 'Close a team for good, as its Owner: nobody is in it any more, sessions go on elsewhere or end',
    auth: 'session',
    params: ofTeam,
    query: nothing,
    body: nothing,
    success: { status: 204, description: 'There is no such team any more; its history is kept', body: nothing },
    problems: [...ownerProblems, 'platform-team-cannot-close'],
    handle: ({ params: { teamId }, caller: { userId }, context }) => useCases.closeTeam({ teamId, userId }, context),
  });

const setSessionPolicy = ({ useCases }: Deps) =>
  endpoint({
    method: 'put',
    path: '/v1/teams/:teamId/session-policy',
    tag,
    summary: 'How long a session in this team lives without use; running ones included. Needs `team.manage`',
    auth: 'session',
    params: ofTeam,
    query: nothing,
    body: z.strictObject({ idleTimeoutSeconds: idleTimeout }),
    success: { status: 204, description: 'Sessions follow within moments', body: nothing },
    problems: changeProblems,
    handle: ({ params: { teamId }, body: { idleTimeoutSeconds }, caller: { userId }, context }) =>
      useCases.setSessionPolicy({ teamId, userId, idleTimeoutSeconds }, context),
  });
