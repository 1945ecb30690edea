import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { asPage } from '../pages/layout.ts';
import { decidedPage, decisionPage, decisionProblemPage } from '../pages/login-decision-page.ts';

const tag = 'Login';
const ofToken = z.strictObject({ token: input.token });
const decision = z.enum(['approve', 'deny']);
const rendering = asPage(decisionProblemPage);

const loginToDecide = z.strictObject({
  device: z.string().nullable(),
  place: z.string().nullable(),
  ip: z.string().nullable(),
  at: input.time,
  signals: z.array(z.enum(['new-country', 'impossible-travel', 'anonymising-network'])),
  expiresAt: input.time,
});

const tokenProblems = ['login-decision-invalid', 'login-decision-expired', 'login-decision-used'] as const;
const commandProblems = [...tokenProblems, 'conflict', 'event-store-unavailable', 'database-unavailable'] as const;

type Deps = Pick<ApiDependencies, 'useCases'>;

export const loginDecisionEndpoints = (deps: Deps): Endpoint[] => [
  describe(deps),
  decide(deps),
  form(deps),
  press(deps),
];

const describe = ({ useCases }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/login-decisions/:token',
    tag,
    summary: 'A suspicious login: what, where and when. Uses nothing up',
    auth: 'none',
    params: ofToken,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'The login', body: loginToDecide },
    problems: [...tokenProblems, 'event-store-unavailable', 'database-unavailable'],
    handle: async ({ params: { token } }) => {
      const { signals, ...about } = await useCases.describeLoginDecision({ token });
      return { body: { ...about, signals: [...signals] } };
    },
  });

const decide = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/login-decisions/:token',
    tag,
    summary: 'Approve a suspicious login, or deny it: then every session ends and the password has to be changed',
    auth: 'none',
    params: ofToken,
    query: nothing,
    body: z.strictObject({ decision }),
    success: { status: 204, description: 'Decided, and done', body: nothing },
    problems: [...commandProblems],
    handle: ({ params: { token }, body, context }) => useCases.decideLogin({ token, decision: body.decision }, context),
  });

const form = ({ useCases }: Deps) =>
  endpoint({
    method: 'get',
    path: '/login-decision',
    tag: 'Pages',
    summary:
      'Where the links in the mail about a suspicious login lead: a page with two buttons; opening it decides nothing',
    auth: 'none',
    params: nothing,
    // Mail systems add parameters of their own to links.
    query: z.looseObject({ token: input.token, decision: decision.optional() }),
    body: nothing,
    success: { status: 200, description: 'HTML', body: z.string() },
    rendering,
    problems: ['invalid-request', ...tokenProblems, 'event-store-unavailable', 'database-unavailable'],
    handle: async ({ query: { token, decision: preferred } }) => {
      const about = await useCases.describeLoginDecision({ token });
      return { body: decisionPage({ token, preferred, ...about }) };
    },
  });

const press = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/login-decision',
    tag: 'Pages',
    summary: 'What the buttons send',
    auth: 'none',
    params: nothing,
    query: nothing,
    body: z.strictObject({ token: input.token, decision }),
    form: true,
    success: { status: 200, description: 'HTML', body: z.string() },
    rendering,
    problems: ['invalid-request', 'cross-site-request', ...commandProblems],
    handle: async ({ body, context }) => {
      const { position } = await useCases.decideLogin(body, context);
      return { body: decidedPage(body.decision), position };
    },
  });
