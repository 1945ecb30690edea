import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { invitationPage, invitationProblemPage, joinedPage } from '../pages/invitation-page.ts';
import { asPage } from '../pages/layout.ts';
import { linkProblems } from './invitations.ts';

const tag = 'Pages';
const rendering = asPage(invitationProblemPage);

type Deps = Pick<ApiDependencies, 'useCases'>;

export const invitationPageEndpoints = (deps: Deps): Endpoint[] => [show(deps), join(deps)];

const show = ({ useCases }: Deps) =>
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
    handle: async ({ query: { token } }) => ({
      body: invitationPage(token, await useCases.previewInvitation({ token })),
    }),
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
