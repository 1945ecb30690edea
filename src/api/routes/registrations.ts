import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Registration';

const registration = z.strictObject({
  email: input.email,
  password: input.password,
  name: input.personName,
  teamName: input.teamName,
});

/** The same for an address that is known and one that is not. */
const mailSent = z.strictObject({ status: z.literal('verification-sent') });
const accepted = { body: { status: 'verification-sent' as const } };

type Deps = Pick<ApiDependencies, 'useCases'>;

export const registrationEndpoints = (deps: Deps): Endpoint[] => [register(deps), verify(deps), resend(deps)];

const register = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/registrations',
    tag,
    summary: 'Ask for an account and a team; a link to confirm the address follows by e-mail',
    auth: 'none',
    mailsStrangers: true,
    device: 'issue',
    params: nothing,
    query: nothing,
    body: registration,
    success: { status: 202, description: 'An e-mail is on its way to the address', body: mailSent },
    problems: [
      'too-many-attempts',
      'password-not-acceptable',
      'password-hashing-busy',
      'event-store-unavailable',
      'database-unavailable',
    ],
    handle: async ({ body, deviceToken, context }) => {
      const { position } = await useCases.submitRegistration({ ...body, deviceToken }, context);
      return { ...accepted, position };
    },
  });

const verify = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/registrations/verify',
    tag,
    summary: 'Confirm the address with the token of the link: the team comes into being',
    auth: 'none',
    device: 'read',
    params: nothing,
    query: nothing,
    body: z.strictObject({ token: input.token }),
    success: { status: 204, description: 'The address is confirmed', body: nothing },
    problems: [
      'verification-token-invalid',
      'verification-token-expired',
      'verification-token-used',
      'conflict',
      'event-store-unavailable',
    ],
    handle: ({ body: { token }, deviceToken, context }) => useCases.verifyEmail({ token, deviceToken }, context),
  });

const resend = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/registrations/resend',
    tag,
    summary: 'Ask for another link; at most three an hour are sent to one address',
    auth: 'none',
    mailsStrangers: true,
    params: nothing,
    query: nothing,
    body: z.strictObject({ email: input.email }),
    success: { status: 202, description: 'Noted, whether or not anybody has asked for this account', body: mailSent },
    problems: ['too-many-attempts', 'conflict', 'event-store-unavailable'],
    handle: async ({ body, context }) => {
      await useCases.resendVerification(body, context);
      // Without the position: beyond the limit nothing is appended, and what stands last there tells of the address.
      return accepted;
    },
  });
