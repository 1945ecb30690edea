import { catalogueHistory, type PermissionEntry } from '../application/permissions/catalogue-history.ts';
import type { EventStore } from '../application/ports.ts';
import type { ReadModels } from '../projections/read-models.ts';
import { countGranting, rolesGranting } from '../projections/roles-granting.ts';
import { tableText } from './table-text.ts';

export interface PermissionCommands {
  readonly eventStore: Pick<EventStore, 'readStream'>;
  readonly readModels: ReadModels;
  readonly out: NodeJS.WritableStream;
}

/** `mbauth permissions list`: the catalogue, and which roles lose what was retired. */
export async function listPermissions(commands: PermissionCommands): Promise<void> {
  const { out } = commands;
  const entries = await catalogueHistory(commands);
  const row = ({ permission, retiredAt, description }: PermissionEntry) => [
    permission,
    retiredAt === null ? 'in force' : `retired ${retiredAt.slice(0, 10)}`,
    description,
  ];
  out.write(tableText(['permission', 'state', 'description'], entries.map(row)));
  for (const { permission, retiredAt } of entries) {
    if (retiredAt !== null) out.write(await losersOf(commands, permission));
  }
}

async function losersOf({ readModels }: PermissionCommands, permission: string): Promise<string> {
  const [named, wildcards] = await Promise.all([
    rolesGranting(readModels, [permission]),
    countGranting(readModels, [`${permission.split('.')[0] ?? ''}.*`, '*']),
  ]);
  const rows = named.map((role) => [role.teamName, role.teamId, role.roleName, String(role.members)]);
  const table = rows.length === 0 ? 'No role names it.\n' : tableText(['team', 'team id', 'role', 'members'], rows);
  const through = wildcards.map(({ grant, roles }) => `${grant} in ${roles} ${roles === 1 ? 'role' : 'roles'}`);
  const rest = through.length === 0 ? '' : `Held through a wildcard before: ${through.join(', ')}.\n`;
  return `\n${permission} is retired and grants nothing.\n${table}${rest}`;
}
