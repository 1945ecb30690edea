import { z } from 'zod';
import type { LoginStep } from '../../application/login/login-view.ts';
import type { Result } from '../answer.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { grant, grantResult } from '../session-grant.ts';

const tag = 'Login';

const credentials = z.strictObject({
  email: input.email,
  password: input.password,
  remember: z.boolean().default(false),
  transport: z.enum(['bearer', 'cookie']).default('bearer'),
});

const loginView = z.strictObject({
  loginId: input.id,
  loginToken: z.string(),
  status: z.enum([
    'device-approval-required',
    'location-approval-required',
    'team-selection-required',
    'completed',
    'denied',
    'expired',
  ]),
  teams: z.array(z.strictObject({ teamId: input.id, name: z.string(), role: z.string() })).optional(),
  expiresAt: input.time,
});

const ofLogin = z.strictObject({ loginId: input.id });
const step = { status: 200, description: 'What to do next', body: loginView } as const;
const stepProblems = [
  'login-not-found',
  'login-expired',
  'login-denied',
  'login-step-not-due',
  'conflict',
  'event-store-unavailable',
  'read-model-behind',
] as const;

const loginResult = ({ view: { teams, ...view }, position }: LoginStep): Result<z.infer<typeof loginView>> => ({
  body: { ...view, ...(teams && { teams: teams.map(({ teamId, name, role }) => ({ teamId, name, role })) }) },
  position,
});

export const loginEndpoints = (deps: Pick<ApiDependencies, 'useCases'>): Endpoint[] => [
  startLogin(deps),
  getLogin(deps),
  approveDevice(deps),
  resendDeviceCode(deps),
  selectTeam(deps),
];

const startLogin = ({ useCases }: Pick<ApiDependencies, 'useCases'>) =>
  endpoint({
    method: 'post',
    path: '/v1/logins',
    tag,
    summary: 'Begin a login with address and password',
    auth: 'none',
    device: 'issue',
    params: nothing,
    query: nothing,
    body: credentials,
    success: step,
    problems: [
      'invalid-credentials',
      'email-not-verified',
      'account-deactivated',
      'password-change-required',
      'too-many-attempts',
      'password-hashing-busy',
      'event-store-unavailable',
      'session-store-unavailable',
      'database-unavailable',
      'read-model-behind',
      'conflict',
    ],
    handle: async ({ body, deviceToken, request, context }) =>
      loginResult(await useCases.startLogin({ ...body, deviceToken, ip: request.ip ?? 'unknown' }, context)),
  });

const getLogin = ({ useCases }: Pick<ApiDependencies, 'useCases'>) =>
  endpoint({
    method: 'get',
    path: '/v1/logins/:loginId',
    tag,
    summary: 'How a login stands',
    auth: 'login-token',
    params: ofLogin,
    query: nothing,
    body: nothing,
    success: step,
    problems: ['login-not-found', 'login-denied', 'event-store-unavailable'],
    handle: async ({ params: { loginId }, caller: { loginToken } }) =>
      loginResult(await useCases.getLogin({ loginId, loginToken })),
  });

const approveDevice = ({ useCases }: Pick<ApiDependencies, 'useCases'>) =>
  endpoint({
    method: 'post',
    path: '/v1/logins/:loginId/device-approval',
    tag,
    summary: 'Approve a new device with the code from the e-mail',
    auth: 'login-token',
    params: ofLogin,
    query: nothing,
    body: z.strictObject({ code: input.deviceCode }),
    success: step,
    problems: [...stepProblems, 'too-many-attempts', 'device-code-wrong', 'device-code-expired'],
    handle: async ({ params: { loginId }, body: { code }, caller: { loginToken }, context }) =>
      loginResult(await useCases.approveDevice({ loginId, loginToken, code }, context)),
  });

const resendDeviceCode = ({ useCases }: Pick<ApiDependencies, 'useCases'>) =>
  endpoint({
    method: 'post',
    path: '/v1/logins/:loginId/device-approval/resend',
    tag,
    summary: 'Send a new code; the first after a minute, three in all',
    auth: 'login-token',
    params: ofLogin,
    query: nothing,
    body: nothing,
    success: step,
    problems: [...stepProblems, 'too-many-attempts', 'device-code-resend-too-early'],
    handle: async ({ params: { loginId }, caller: { loginToken }, context }) =>
      loginResult(await useCases.resendDeviceCode({ loginId, loginToken }, context)),
  });

const selectTeam = ({ useCases }: Pick<ApiDependencies, 'useCases'>) =>
  endpoint({
    method: 'post',
    path: '/v1/logins/:loginId/team',
    tag,
    summary: 'Complete the login: the session of this team starts and ends the one before',
    auth: 'login-token',
    params: ofLogin,
    query: nothing,
    body: z.strictObject({ teamId: input.id }),
    success: { status: 200, description: 'The session', body: grant },
    problems: [...stepProblems, 'team-not-found', 'session-store-unavailable'],
    handle: async ({ params: { loginId }, body: { teamId }, caller: { loginToken }, context }) =>
      grantResult(await useCases.selectTeam({ loginId, loginToken, teamId }, context)),
  });
