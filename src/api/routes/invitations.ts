import { z } from 'zod';
import type { AcceptedInvitation } from '../../application/invitations/accept-invitation.ts';
import { DomainError } from '../../domain/errors.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { RequestProblem } from '../problems.ts';
import { teamInvitationEndpoints } from './team-invitations.ts';

const tag = 'Invitations';

const preview = z.strictObject({
  team: z.strictObject({ name: z.string() }),
  role: z.strictObject({ name: z.string() }),
  inviter: z.strictObject({ name: z.string().nullable() }),
  email: z.string().nullable().describe('Masked'),
  hasAccount: z.boolean().describe('Then it is accepted by signing in'),
  expiresAt: input.time,
});

const membership = z.strictObject({
  userId: input.id,
  team: z.strictObject({ teamId: input.id, name: z.string() }),
  role: z.strictObject({ roleId: input.id, name: z.string() }),
});

/** What a link can come to; each is a problem of its own. */
export const linkProblems = [
  'invitation-token-invalid',
  'invitation-expired',
  'invitation-revoked',
  'invitation-used',
  'invitation-no-longer-valid',
] as const;

type Deps = Pick<ApiDependencies, 'useCases' | 'queries'>;

export const invitationEndpoints = (deps: Deps): Endpoint[] => [
  ...teamInvitationEndpoints(deps),
  // Before the preview, whose pattern its path fits.
  acceptInvitation(deps),
  previewInvitation(deps),
];

const previewInvitation = ({ useCases }: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/invitations/:token',
    tag,
    summary: 'What the link of an invitation is about; looking uses nothing up',
    auth: 'none',
    params: z.strictObject({ token: input.token }),
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'The invitation', body: preview },
    problems: [...linkProblems, 'not-found', 'event-store-unavailable', 'database-unavailable'],
    handle: async ({ params: { token } }) => {
      const found = await useCases.previewInvitation({ token });
      const { teamName, roleName, inviterName, maskedEmail, hasAccount, expiresAt } = found;
      return {
        body: {
          team: { name: teamName },
          role: { name: roleName },
          inviter: { name: inviterName },
          email: maskedEmail,
          hasAccount,
          expiresAt,
        },
      };
    },
  });

const acceptInvitation = ({ useCases }: Deps) =>
  endpoint({
    method: 'post',
    path: '/v1/invitations/accept',
    tag,
    summary: 'Join the team: with a session by the token alone, else with a name and a password for a new account',
    auth: 'optional-session',
    device: 'issue',
    params: nothing,
    query: nothing,
    body: z.strictObject({
      token: input.token,
      name: input.personName.optional(),
      password: input.password.optional(),
    }),
    success: { status: 200, description: 'The caller is a member of the team', body: membership },
    problems: [
      ...linkProblems,
      'invitation-for-another-address',
      'already-member',
      'sign-in-to-accept',
      'password-not-acceptable',
      'password-hashing-busy',
      'conflict',
      'event-store-unavailable',
      'database-unavailable',
    ],
    handle: async ({ body: { token, name, password }, caller, deviceToken, context }) => {
      if (caller !== undefined) {
        refuseGiven({ name, password });
        return answerTo(await useCases.acceptAsUser({ token, userId: caller.userId }, context));
      }
      // Looked at first: a link that is no good is not worth a name and a password, and nor is a known address.
      const person = name === undefined || password === undefined ? undefined : { name, password };
      if (person === undefined) return refuseIncomplete(useCases, token, { name, password });
      return answerTo(await useCases.acceptAsNewPerson({ token, ...person, deviceToken }, context));
    },
  });

interface Given {
  readonly name: string | undefined;
  readonly password: string | undefined;
}

function refuseGiven(given: Given): void {
  const errors = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([field]) => ({ pointer: `/${field}`, detail: 'is for a new account: you are signed in' }));
  if (errors.length > 0) throw new RequestProblem('invalid-request', { errors });
}

async function refuseIncomplete(useCases: Deps['useCases'], token: string, given: Given): Promise<never> {
  const { hasAccount } = await useCases.previewInvitation({ token });
  if (hasAccount) throw new DomainError('sign-in-to-accept');
  const errors = Object.entries(given)
    .filter(([, value]) => value === undefined)
    .map(([field]) => ({ pointer: `/${field}`, detail: 'is required for a new account' }));
  throw new RequestProblem('invalid-request', { errors });
}

const answerTo = ({ userId, teamId, teamName, roleId, roleName, position }: AcceptedInvitation) => ({
  body: { userId, team: { teamId, name: teamName }, role: { roleId, name: roleName } },
  position,
});
