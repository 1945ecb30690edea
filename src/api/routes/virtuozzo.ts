import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Virtuozzo';
const path = '/v1/teams/:teamId/virtuozzo';
const params = z.strictObject({ teamId: input.id });
const secret = z.string().min(1).max(1024);
const credentials = z.union([
  z.strictObject({ login: z.string().min(1).max(254), password: secret }),
  z.strictObject({ token: secret }),
]);

const linkView = z.union([
  z.strictObject({ linked: z.literal(false) }),
  z.strictObject({
    linked: z.literal(true),
    method: z.enum(['password', 'token']),
    since: input.time,
    state: z.enum(['working', 'outage', 'sign-in-needed']),
    stateSince: input.time,
  }),
]);

const key = z.strictObject({
  sessionKey: z.string(),
  obtainedAt: input.time,
  ageSeconds: z.int(),
  stale: z.boolean().describe('The platform does not answer, or takes the key no more'),
});

const shared = ['team-not-found', 'permission-missing', 'not-found', 'event-store-unavailable'] as const;

type Deps = Pick<ApiDependencies, 'useCases'>;

/** The team's account on the Virtuozzo platform: Owners link it, holders of `server.manage` use it. */
export const virtuozzoEndpoints = (deps: Deps): Endpoint[] => [link(deps), show(deps), unlink(deps), session(deps)];

const link = ({ useCases }: Deps) =>
  endpoint({
    method: 'put',
    path,
    tag,
    summary: 'Link the team to an account on the platform, or to another one; the password is not kept',
    auth: 'session',
    params,
    query: nothing,
    body: credentials,
    success: { status: 204, description: 'Linked', body: nothing },
    problems: [
      ...shared,
      'not-an-owner',
      'virtuozzo-not-configured',
      'virtuozzo-credentials-refused',
      'virtuozzo-two-factor',
      'virtuozzo-unavailable',
      'conflict',
      'database-unavailable',
    ],
    handle: ({ params: { teamId }, body, caller: { userId }, context }) =>
      useCases.linkVirtuozzo({ teamId, userId, credentials: body }, context),
  });

const show = ({ useCases }: Deps) =>
  endpoint({
    method: 'get',
    path,
    tag,
    summary: 'Whether the team is linked, since when, and whether the platform answers',
    auth: 'session',
    params,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'How it stands', body: linkView },
    problems: shared,
    handle: async ({ params: { teamId }, caller: { userId } }) => {
      const view = await useCases.showVirtuozzo({ teamId, userId });
      return { body: view === undefined ? { linked: false as const } : { linked: true as const, ...view } };
    },
  });

const unlink = ({ useCases }: Deps) =>
  endpoint({
    method: 'delete',
    path,
    tag,
    summary: 'Unlink the team; its key is wiped',
    auth: 'session',
    params,
    query: nothing,
    body: nothing,
    success: { status: 204, description: 'The team is not linked', body: nothing },
    problems: [...shared, 'not-an-owner', 'conflict'],
    handle: ({ params: { teamId }, caller: { userId }, context }) =>
      useCases.unlinkVirtuozzo({ teamId, userId }, context),
  });

const session = ({ useCases }: Deps) =>
  endpoint({
    method: 'get',
    path: `${path}/session`,
    tag,
    summary: 'The session key of the team, with its age; the last one had while the platform does not answer',
    auth: 'session',
    params,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'The key', body: key },
    problems: [...shared, 'virtuozzo-not-linked', 'database-unavailable'],
    handle: async ({ params: { teamId }, caller: { userId } }) => ({
      body: await useCases.virtuozzoSession({ teamId, userId }),
    }),
  });
