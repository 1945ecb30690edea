import { permissionCatalogue } from '../../domain/permission-catalogue/decide.ts';
import type { PermissionCatalogueEvent } from '../../domain/permission-catalogue/events.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import type { Clock, Context } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  clock: Clock;
}

/** Answers what this has added and retired. */
export type SeedPermissions = (
  permissions: readonly { permission: string; description: string }[],
  context: Context,
) => Promise<{ added: readonly string[]; retired: readonly string[] }>;

/** Brings the catalogue to what `permissions.json` says. Several processes may do it at once. */
export function seedPermissions(deps: Dependencies): SeedPermissions {
  const handle = commandHandler(deps, permissionCatalogue);
  return async (permissions, context) => {
    const command = { type: 'SeedPermissions', permissions, now: deps.clock() } as const;
    const { events } = await handle(streams.permissionCatalogue(), command, context);
    const named = (type: PermissionCatalogueEvent['type']) =>
      events.filter((event) => event.type === type).map(({ data }) => data.permission);
    return { added: named('PermissionAdded'), retired: named('PermissionRetired') };
  };
}
