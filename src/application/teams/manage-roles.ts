import type { PermissionsInForce } from '../permissions/permissions-in-force.ts';
import type { Clock, Context } from '../ports.ts';
import { teamCommand, type TeamChanged, type TeamCommandHandling } from './team-command.ts';

interface Dependencies extends TeamCommandHandling {
  clock: Clock;
  permissionsInForce: PermissionsInForce;
}

/** Of all use cases here, `userId` is whoever asks. A permission may be a `category.*` or `*`. */
interface Request {
  readonly teamId: string;
  readonly userId: string;
}

export type AddRole = (
  request: Request & { readonly name: string; readonly permissions: readonly string[] },
  context: Context,
) => Promise<{ roleId: string; position: bigint | undefined }>;

export function addRole(deps: Dependencies): AddRole {
  const handle = teamCommand(deps);
  return async ({ teamId, userId, name, permissions }, context) => {
    const roleId = deps.newId();
    const catalogue = await deps.permissionsInForce();
    const about = { teamId, by: userId, roleId, name, grants: permissions, catalogue, now: deps.clock() };
    const { position } = await handle({ type: 'AddRole', ...about }, context);
    return { roleId, position };
  };
}

export type ChangeRole = (
  request: Request & {
    readonly roleId: string;
    readonly name?: string | undefined;
    readonly permissions?: readonly string[] | undefined;
  },
  context: Context,
) => Promise<TeamChanged>;

/** What is not given stays as it is. */
export function changeRole(deps: Dependencies): ChangeRole {
  const handle = teamCommand(deps);
  return async ({ teamId, userId, roleId, name, permissions }, context) => {
    const catalogue = await deps.permissionsInForce();
    const about = { teamId, by: userId, roleId, name, grants: permissions, catalogue, now: deps.clock() };
    const { position } = await handle({ type: 'ChangeRole', ...about }, context);
    return { position };
  };
}

export type RetireRole = (
  request: Request & { readonly roleId: string; readonly reassignTo?: string | undefined },
  context: Context,
) => Promise<TeamChanged>;

/** Members who have it get `reassignTo`; throws `role-in-use` where there are some and none is named. */
export function retireRole(deps: Dependencies): RetireRole {
  const handle = teamCommand(deps);
  return async ({ teamId, userId, roleId, reassignTo }, context) => {
    const catalogue = await deps.permissionsInForce();
    const about = { teamId, by: userId, roleId, reassignTo, catalogue, now: deps.clock() };
    const { position } = await handle({ type: 'RetireRole', ...about }, context);
    return { position };
  };
}
