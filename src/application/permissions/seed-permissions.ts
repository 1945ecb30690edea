import { permissionCatalogue } from '../../domain/permission-catalogue/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
}

export type SeedPermissions = (
  permissions: readonly { permission: string; description: string }[],
  context: Context,
) => Promise<void>;

/** Brings the catalogue to what `permissions.json` says. Several processes may do it at once. */
export function seedPermissions(deps: Dependencies): SeedPermissions {
  const handle = commandHandler(deps, permissionCatalogue);
  return async (permissions, context) => {
    await handle(streams.permissionCatalogue(), { type: 'SeedPermissions', permissions, now: deps.clock() }, context);
  };
}
