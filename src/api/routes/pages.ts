import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { homePage, homeProblemPage } from '../pages/home-page.ts';
import { asPage } from '../pages/layout.ts';
import { verifiedPage, verifyPage, verifyProblemPage } from '../pages/verify-page.ts';

const tag = 'Pages';
const withToken = z.strictObject({ token: input.token });
const verifyRendering = asPage(verifyProblemPage);

type Deps = Pick<ApiDependencies, 'useCases' | 'links'>;

export const pageEndpoints = (deps: Deps): Endpoint[] => [home(deps), verifyForm(), verify(deps)];

const home = ({ links }: Deps) =>
  endpoint({
    method: 'get',
    path: '/',
    tag,
    summary: 'Front page',
    auth: 'none',
    params: nothing,
    query: z.looseObject({}),
    body: nothing,
    success: { status: 200, description: 'HTML', body: z.string() },
    rendering: asPage(homeProblemPage),
    problems: [],
    handle: () => Promise.resolve({ body: homePage(links) }),
  });

const verifyForm = () =>
  endpoint({
    method: 'get',
    path: '/verify',
    tag,
    summary: 'Where the link in the verification mail leads: a page with a button; opening it uses nothing up',
    auth: 'none',
    params: nothing,
    // Mail systems add parameters of their own to links.
    query: withToken.loose(),
    body: nothing,
    success: { status: 200, description: 'HTML', body: z.string() },
    rendering: verifyRendering,
    problems: ['invalid-request'],
    handle: ({ query: { token } }) => Promise.resolve({ body: verifyPage(token) }),
  });

const verify = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/verify',
    tag,
    summary: 'What the button sends',
    auth: 'none',
    device: 'read',
    params: nothing,
    query: nothing,
    body: withToken,
    form: true,
    success: { status: 200, description: 'HTML', body: z.string() },
    rendering: verifyRendering,
    problems: [
      'invalid-request',
      'verification-token-invalid',
      'verification-token-expired',
      'verification-token-used',
      'cross-site-request',
      'event-store-unavailable',
    ],
    handle: async ({ body: { token }, deviceToken, context }) => {
      const { position } = await useCases.verifyEmail({ token, deviceToken }, context);
      return { body: verifiedPage(), position };
    },
  });
