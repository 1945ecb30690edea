import { z } from 'zod';
import { permissionsOf } from '../../application/access/permissions-of.ts';
import { Unavailable } from '../../application/ports.ts';
import { DomainError } from '../../domain/errors.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';
import { sessionShape } from '../session-grant.ts';

const personal = z.string().nullable().describe('`null` also while the database does not answer');

const whoAmI = z.strictObject({
  user: z.strictObject({ userId: input.id, name: personal, email: personal }),
  team: z.strictObject({ teamId: input.id, name: z.string() }),
  role: z.strictObject({ roleId: input.id, name: z.string() }),
  permissions: z.array(z.string()),
  limits: z.strictObject({
    idleTimeoutSeconds: z.number().describe('Without use for longer, the session ends'),
    maxSessions: z.number().describe('Sessions that one person may have at once'),
  }),
  session: z.strictObject({ ...sessionShape, deviceId: input.id, startedAt: input.time }),
  csrfToken: z.string().optional().describe('With cookie transport: for `X-CSRF-Token`'),
});

/** Whose session it is, and what they may do, is known without the database; only the name and address are not. */
function withoutDatabase(error: unknown) {
  if (!(error instanceof Unavailable) || error.what !== 'database') throw error;
  return { name: null, email: null };
}

/** Team, role and permissions are those of this very moment; the person's name and address come from the read model. */
export const currentSession = ({ queries, tokens, useCases, sessionSettings }: ApiDependencies) =>
  endpoint({
    method: 'get',
    path: '/v1/session',
    tag: 'Session',
    summary: 'Who am I, and what may I do',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'The caller', body: whoAmI },
    problems: ['team-not-found', 'event-store-unavailable', 'database-unavailable'],
    handle: async ({ caller }) => {
      const { sessionId, userId, teamId, deviceId, startedAt, expiresAt, idleTimeoutSeconds } = caller;
      const [access, user, catalogue] = await Promise.all([
        useCases.accessOf(caller),
        queries.callerProfile(userId).catch(withoutDatabase),
        queries.permissions(),
      ]);
      if (access === undefined) throw new DomainError('team-not-found');
      // Whoever has a session has been in the read model: it is being rebuilt or behind.
      if (user === undefined) throw new Unavailable('read-model');
      return {
        body: {
          user: { userId, name: user.name, email: user.email },
          team: access.team,
          role: { roleId: access.role.roleId, name: access.role.name },
          permissions: [...permissionsOf(access, catalogue)],
          limits: { idleTimeoutSeconds, maxSessions: sessionSettings.maxSessions },
          session: { sessionId, userId, teamId, deviceId, startedAt, expiresAt, idleTimeoutSeconds },
          ...(caller.via === 'cookie' && { csrfToken: tokens.issue('csrf', [sessionId]) }),
        },
      };
    },
  });
