import { z } from 'zod';
import { permissionsOf } from '../../application/access/permissions-of.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../input.ts';

/** Longer than the name of any permission. */
const maxNameLength = 100;
const maxNames = 100;

/** For resource services, which ask with the token of their caller: the answer holds for this very moment. */
export const authorize = ({ useCases, queries }: ApiDependencies) =>
  endpoint({
    method: 'post',
    path: '/v1/authorize',
    tag: 'Session',
    summary: 'May I do this, in the team of my session',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: z.strictObject({ permissions: z.array(z.string().min(1).max(maxNameLength)).min(1).max(maxNames) }),
    success: {
      status: 200,
      description: 'An answer for each name; false for what is not in the catalogue, and for who left the team',
      body: z.strictObject({ allowed: z.record(z.string(), z.boolean()) }),
    },
    problems: ['event-store-unavailable'],
    handle: async ({ body, caller }) => {
      const [access, catalogue] = await Promise.all([useCases.accessOf(caller), queries.permissions()]);
      const held = permissionsOf(access, catalogue);
      const answers = body.permissions.map((name): [string, boolean] => [name, held.includes(name)]);
      return { body: { allowed: Object.fromEntries(answers) } };
    },
  });
