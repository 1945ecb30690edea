import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { forgotPage, forgotProblemPage, resetAskedPage } from '../pages/forgot-page.ts';
import { asPage } from '../pages/layout.ts';
import { passwordChangedPage, resetPage, resetProblemPage } from '../pages/reset-page.ts';
import { passwordReasonsOf } from '../problem-details.ts';

const tag = 'Pages';
const htmlPage = { status: 200, description: 'HTML', body: z.string() } as const;
const forgotRendering = asPage(forgotProblemPage);
const resetRendering = asPage(resetProblemPage);

type Deps = Pick<ApiDependencies, 'useCases'>;

export const passwordPageEndpoints = (deps: Deps): Endpoint[] => [forgotForm(), forgot(deps), resetForm(), reset(deps)];

const forgotForm = () =>
  endpoint({
    method: 'get',
    path: '/forgot',
    tag,
    summary: 'Where notices point to: a page that asks for the address',
    auth: 'none',
    params: nothing,
    query: z.looseObject({}),
    body: nothing,
    success: htmlPage,
    rendering: forgotRendering,
    problems: [],
    handle: () => Promise.resolve({ body: forgotPage() }),
  });

const forgot = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/forgot',
    tag,
    summary: 'What that page sends; the answer is the same for every address',
    auth: 'none',
    mailsStrangers: true,
    params: nothing,
    query: nothing,
    body: z.strictObject({ email: input.email }),
    form: true,
    success: htmlPage,
    rendering: forgotRendering,
    problems: ['invalid-request', 'too-many-attempts', 'cross-site-request', 'conflict', 'event-store-unavailable'],
    handle: async ({ body, context }) => {
      await useCases.requestPasswordReset(body, context);
      return { body: resetAskedPage() };
    },
  });

const resetForm = () =>
  endpoint({
    method: 'get',
    path: '/reset',
    tag,
    summary: 'Where the link for a new password leads: a page with a form; opening it uses nothing up',
    auth: 'none',
    params: nothing,
    // Mail systems add parameters of their own to links.
    query: z.looseObject({ token: input.token }),
    body: nothing,
    success: htmlPage,
    rendering: resetRendering,
    problems: ['invalid-request'],
    handle: ({ query: { token } }) => Promise.resolve({ body: resetPage(token) }),
  });

const reset = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/reset',
    tag,
    summary: 'What that form sends; it is shown again, with the reasons, where the password is not acceptable',
    auth: 'none',
    params: nothing,
    query: nothing,
    body: z.strictObject({ token: input.token, password: input.password }),
    form: true,
    success: htmlPage,
    rendering: resetRendering,
    problems: [
      'invalid-request',
      'password-not-acceptable',
      'password-hashing-busy',
      'reset-token-invalid',
      'reset-token-expired',
      'reset-token-used',
      'cross-site-request',
      'conflict',
      'event-store-unavailable',
      'database-unavailable',
    ],
    handle: ({ body, context }) =>
      useCases.resetPassword(body, context).then(
        ({ position }) => ({ body: passwordChangedPage(), position }),
        (error: unknown) => {
          if (!(error instanceof DomainError) || error.code !== 'password-not-acceptable') throw error;
          return { status: 422, body: resetPage(body.token, passwordReasonsOf(error)) };
        },
      ),
  });
