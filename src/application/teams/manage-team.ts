import type { PermissionsInForce } from '../permissions/permissions-in-force.ts';
import type { Clock, Context } from '../ports.ts';
import { teamCommand, type TeamChanged, type TeamCommandHandling } from './team-command.ts';

interface Dependencies extends TeamCommandHandling {
  clock: Clock;
  permissionsInForce: PermissionsInForce;
}

/** Of all use cases here, `userId` is whoever asks. */
interface Request {
  readonly teamId: string;
  readonly userId: string;
}

export type RenameTeam = (request: Request & { readonly name: string }, context: Context) => Promise<TeamChanged>;

export function renameTeam(deps: Dependencies): RenameTeam {
  const handle = teamCommand(deps);
  return async ({ teamId, userId, name }, context) => {
    const catalogue = await deps.permissionsInForce();
    const about = { teamId, by: userId, name, catalogue, now: deps.clock() };
    const { position } = await handle({ type: 'RenameTeam', ...about }, context);
    return { position };
  };
}

export type SetSessionPolicy = (
  request: Request & { readonly idleTimeoutSeconds: number },
  context: Context,
) => Promise<TeamChanged>;

/** Sessions that run now get the new policy as well, a moment later. */
export function setSessionPolicy(deps: Dependencies): SetSessionPolicy {
  const handle = teamCommand(deps);
  return async ({ teamId, userId, idleTimeoutSeconds }, context) => {
    const catalogue = await deps.permissionsInForce();
    const about = { teamId, by: userId, idleTimeoutSeconds, catalogue, now: deps.clock() };
    const { position } = await handle({ type: 'SetSessionPolicy', ...about }, context);
    return { position };
  };
}

export type CloseTeam = (request: Request, context: Context) => Promise<TeamChanged>;

/** For good: from the next request on the team is there for nobody; its history stays. */
export function closeTeam(deps: Dependencies): CloseTeam {
  const handle = teamCommand(deps);
  return async ({ teamId, userId }, context) => {
    const { position } = await handle({ type: 'CloseTeam', teamId, by: userId, now: deps.clock() }, context);
    return { position };
  };
}
