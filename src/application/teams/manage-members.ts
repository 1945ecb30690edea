import type { PermissionsInForce } from '../permissions/permissions-in-force.ts';
import type { Clock, Context } from '../ports.ts';
import { teamCommand, type TeamChanged, type TeamCommandHandling } from './team-command.ts';

interface Dependencies extends TeamCommandHandling {
  clock: Clock;
  permissionsInForce: PermissionsInForce;
}

/** Of all use cases here, `userId` is whoever asks, and `memberId` whom it is about. */
interface Request {
  readonly teamId: string;
  readonly userId: string;
  readonly memberId: string;
}

export type ChangeMember = (request: Request & { readonly roleId: string }, context: Context) => Promise<TeamChanged>;

export function changeMember(deps: Dependencies): ChangeMember {
  const handle = teamCommand(deps);
  return async ({ teamId, userId, memberId, roleId }, context) => {
    const catalogue = await deps.permissionsInForce();
    const about = { teamId, by: userId, userId: memberId, roleId, catalogue, now: deps.clock() };
    const { position } = await handle({ type: 'ChangeMember', ...about }, context);
    return { position };
  };
}

export type RemoveMember = (request: Request, context: Context) => Promise<TeamChanged>;

export function removeMember(deps: Dependencies): RemoveMember {
  const handle = teamCommand(deps);
  return async ({ teamId, userId, memberId }, context) => {
    const catalogue = await deps.permissionsInForce();
    const about = { teamId, by: userId, userId: memberId, catalogue, now: deps.clock() };
    const { position } = await handle({ type: 'RemoveMember', ...about }, context);
    return { position };
  };
}
