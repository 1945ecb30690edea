import { permissionCatalogue } from '../../domain/permission-catalogue/decide.ts';
import type { CommandHandling } from '../command-handler.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

/** What can be granted and held at this moment, by the log: not every process has read the same `permissions.json`. */
export type PermissionsInForce = () => Promise<readonly string[]>;

export function permissionsInForce(deps: Pick<CommandHandling, 'eventStore' | 'snapshots'>): PermissionsInForce {
  const load = streamLoader(deps, permissionCatalogue);
  return async () => (await load(streams.permissionCatalogue())).state.permissions;
}
