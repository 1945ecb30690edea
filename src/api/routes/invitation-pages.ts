import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { formSender, pageVisitor } from '../page-visitor.ts';
import { invitationPage, invitationProblemPage, joinedAsUserPage, joinedPage } from '../pages/invitation-page.ts';
import { asPage } from '../pages/layout.ts';
import { sessionCookiesCleared } from '../session-grant.ts';
import { linkProblems } from './invitations.ts';

const tag = 'Pages';
const rendering = asPage(invitationProblemPage);

const formOfVisitor = z.strictObject({ token: input.token, csrfToken: input.token });

type Deps = Pick<ApiDependencies, 'useCases' | 'tokens'>;

export const invitationPageEndpoints = (deps: Deps): Endpoint[] => [
  show(deps),
  join(deps),
  accept(deps),
  signOut(deps),
];

const show = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/invitations',
    tag,
    summary: 'Where the link in the invitation mail leads; opening it uses nothing up',
    auth: 'none',
    params: nothing,
    // Mail systems add parameters of their own to links.
    query: z.looseObject({ token: input.token }),
    body: nothing,
    success: { status: 200, description: 'HTML', body: z.string() },
    rendering,
    problems: [...linkProblems, 'invalid-request', 'event-store-unavailable', 'database-unavailable'],
    handle: async ({ query: { token }, request }) => {
      const visitor = await pageVisitor(deps, request);
      const about = await deps.useCases.previewInvitation({ token, userId: visitor?.userId });
      return { body: invitationPage({ token, csrfToken: visitor?.csrfToken }, about) };
    },
  });

const join = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/invitations',
    tag,
    summary: 'What the form sends: a new account and the membership',
    auth: 'none',
    device: 'issue',
    params: nothing,
    query: nothing,
    body: z.strictObject({ token: input.token, name: input.personName, password: input.password }),
    form: true,
    success: { status: 200, description: 'HTML', body: z.string() },
    rendering,
    problems: [
      ...linkProblems,
      'already-member',
      'sign-in-to-accept',
      'password-not-acceptable',
      'password-hashing-busy',
      'invalid-request',
      'cross-site-request',
      'conflict',
      'event-store-unavailable',
      'database-unavailable',
    ],
    handle: async ({ body, deviceToken, context }) => {
      const { teamName, position } = await useCases.acceptAsNewPerson({ ...body, deviceToken }, context);
      return { body: joinedPage(teamName), position };
    },
  });

/** Of what the form of somebody who is signed in in this browser sends. */
const visitorProblems = [
  'session-required',
  'csrf-token-invalid',
  'invalid-request',
  'cross-site-request',
  'conflict',
  'event-store-unavailable',
  'database-unavailable',
] as const;

const accept = (deps: Deps) =>
  endpoint({
    method: 'post',
    path: '/invitations/join',
    tag,
    summary: 'What the form sends where the invited person is signed in in this browser',
    auth: 'none',
    params: nothing,
    query: nothing,
    body: formOfVisitor,
    form: true,
    success: { status: 200, description: 'HTML', body: z.string() },
    rendering,
    problems: [...linkProblems, 'already-member', 'invitation-for-another-address', ...visitorProblems],
    handle: async ({ body: { token, csrfToken }, request, context }) => {
      const sender = await formSender(deps, request, csrfToken, context);
      const { teamName, position } = await deps.useCases.acceptAsUser({ token, userId: sender.userId }, sender.context);
      return { body: joinedAsUserPage(teamName), position };
    },
  });

const signOut = (deps: Deps) =>
  endpoint({
    method: 'post',
    path: '/invitations/sign-out',
    tag,
    summary: 'What the form sends where somebody else is signed in in this browser: the session ends, the page stays',
    auth: 'none',
    params: nothing,
    query: nothing,
    body: formOfVisitor,
    form: true,
    success: { status: 200, description: 'HTML', body: z.string() },
    rendering,
    problems: [...linkProblems, ...visitorProblems],
    handle: async ({ body: { token, csrfToken }, request, context }) => {
      const { userId, sessionId, context: by } = await formSender(deps, request, csrfToken, context);
      // First: a link that is no good ends no session.
      const about = await deps.useCases.previewInvitation({ token });
      const { position } = await deps.useCases.revokeSession({ userId, sessionId, reason: 'logged-out' }, by);
      return { body: invitationPage({ token, csrfToken: undefined }, about), position, cookies: sessionCookiesCleared };
    },
  });
