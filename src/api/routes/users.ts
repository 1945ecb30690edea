import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { UserProfile } from '../../projections/users.ts';
import { attemptPage, deviceList, devicesOf, loginActivityOf, sessionList, sessionsOf } from '../account-history.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint, type SessionCaller } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Users';
const permission = 'system.admin';

const user = z.strictObject({
  userId: input.id,
  status: z
    .enum(['submitted', 'invited', 'pending', 'active', 'refused', 'lapsed', 'erased'])
    .describe('`active` is an account; it may be locked or deactivated all the same'),
  name: z.string().nullable(),
  email: z.string().nullable(),
  registeredAt: input.time,
  verifiedAt: input.time.nullable(),
  lockedAt: input.time.nullable().describe('By an administrator'),
  lockedUntil: input.time.nullable().describe('After too many failed logins'),
  deactivatedAt: input.time.nullable(),
});
const team = z.strictObject({ teamId: input.id, name: z.string(), roleId: input.id, role: z.string() });
const paging = { cursor: input.cursor.optional(), limit: input.limit };
const ofUser = z.strictObject({ userId: input.id });

type Deps = Pick<ApiDependencies, 'queries' | 'deviceName' | 'useCases'>;

/** For administrators of the platform, in a session that is in the platform team. */
export const userEndpoints = (deps: Deps): Endpoint[] => [
  searchUsers(deps),
  showUser(deps),
  ...actions.map((action) => actOnUser(deps, action)),
  sessionsOfUser(deps),
  devicesOfUser(deps),
  activityOfUser(deps),
];

const requireAdministrator = ({ useCases }: Deps, { userId, teamId }: SessionCaller) =>
  useCases.requirePlatformPermission({ userId, teamId, permission });

async function knownUser(deps: Deps, caller: SessionCaller, userId: string): Promise<UserProfile> {
  await requireAdministrator(deps, caller);
  const found = await deps.queries.userProfile(userId);
  if (found === undefined) throw new DomainError('not-found');
  return found;
}

const readProblems = ['permission-missing', 'not-found', 'event-store-unavailable', 'database-unavailable'] as const;

const searchUsers = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/users',
    tag,
    summary: 'Who has registered, the newest first; with `email`, whoever has exactly this address',
    auth: 'session',
    params: nothing,
    query: z.strictObject({ email: input.email.optional(), ...paging }),
    body: nothing,
    success: {
      status: 200,
      description: 'A page of them',
      body: z.strictObject({ items: z.array(user), nextCursor: z.string().optional() }),
    },
    problems: ['permission-missing', 'invalid-request', 'event-store-unavailable', 'database-unavailable'],
    handle: async ({ query: { email, ...page }, caller }) => {
      await requireAdministrator(deps, caller);
      const { items, nextCursor } = await deps.queries.users({ email }, page);
      return { body: { items: [...items], ...(nextCursor !== undefined && { nextCursor }) } };
    },
  });

const showUser = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/users/:userId',
    tag,
    summary: 'A person, the state of the account, and the teams they are in',
    auth: 'session',
    params: ofUser,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'The person', body: user.extend({ teams: z.array(team) }) },
    problems: readProblems,
    handle: async ({ params: { userId }, caller }) => {
      const known = await knownUser(deps, caller, userId);
      const teams = await deps.queries.teams(userId);
      return { body: { ...known, teams: teams.map((each) => ({ ...each })) } };
    },
  });

const actions = [
  {
    name: 'lock',
    useCase: 'lockUser',
    summary: 'Lock an account: its sessions end, and every login is answered like a wrong password',
  },
  {
    name: 'unlock',
    useCase: 'unlockUser',
    summary: 'Lift every lock of an account, those after failed logins included',
  },
  {
    name: 'deactivate',
    useCase: 'deactivateUser',
    summary: 'Deactivate an account: its sessions end, and logins are refused',
  },
  { name: 'reactivate', useCase: 'reactivateUser', summary: 'Let a deactivated account log in again' },
  {
    name: 'force-password-change',
    useCase: 'demandPasswordChange',
    summary: 'End all sessions of an account, and have a new password chosen before the next login',
  },
] as const;

const actOnUser = ({ useCases }: Deps, { name, useCase, summary }: (typeof actions)[number]) =>
  endpoint({
    method: 'post',
    path: `/v1/users/:userId/${name}`,
    tag,
    summary,
    auth: 'session',
    params: ofUser,
    query: nothing,
    body: nothing,
    success: { status: 204, description: 'Done, from the next request on', body: nothing },
    problems: [
      'permission-missing',
      'not-found',
      ...(name === 'lock' || name === 'deactivate' ? (['last-administrator'] as const) : []),
      'conflict',
      'event-store-unavailable',
    ],
    handle: ({ params: { userId }, caller, context }) =>
      useCases[useCase]({ administrator: { userId: caller.userId, teamId: caller.teamId }, userId }, context),
  });

const sessionsOfUser = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/users/:userId/sessions',
    tag,
    summary: 'The active sessions of a person, the newest first; each can be ended with DELETE /v1/sessions/:sessionId',
    auth: 'session',
    params: ofUser,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'All of them', body: sessionList },
    problems: readProblems,
    handle: async ({ params, caller }) => {
      const { userId } = await knownUser(deps, caller, params.userId);
      return { body: await sessionsOf(deps, userId, caller) };
    },
  });

const devicesOfUser = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/users/:userId/devices',
    tag,
    summary: 'The devices that a person has approved, the last seen first',
    auth: 'session',
    params: ofUser,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'All of them', body: deviceList },
    problems: readProblems,
    handle: async ({ params, caller }) => {
      const { userId } = await knownUser(deps, caller, params.userId);
      return { body: await devicesOf(deps, userId, caller) };
    },
  });

const activityOfUser = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/users/:userId/login-activity',
    tag,
    summary: 'Attempts to log in as a person, the newest first',
    auth: 'session',
    params: ofUser,
    query: z.strictObject(paging),
    body: nothing,
    success: { status: 200, description: 'A page of them', body: attemptPage },
    problems: [...readProblems, 'invalid-request'],
    handle: async ({ params, query, caller }) => {
      const { userId } = await knownUser(deps, caller, params.userId);
      return { body: await loginActivityOf(deps, userId, query) };
    },
  });
