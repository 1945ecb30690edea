import { catalogueHistory } from '../application/permissions/catalogue-history.ts';
import type { Context } from '../application/ports.ts';
import type { Service } from '../compose.ts';
import { permissionSeed } from './permission-seed.ts';
import { rolesGranting } from '../projections/roles-granting.ts';

type Seeding = Pick<Service, 'eventStore' | 'logger' | 'readModels'> & {
  useCases: Pick<Service['useCases'], 'seedPermissions'>;
};

/** Brings the catalogue to what `permissions.json` says, and tells the operator whom a retired permission stood with. */
export async function seedCatalogue(service: Seeding, context: Context): Promise<void> {
  const { useCases, logger } = service;
  const { added, retired } = await useCases.seedPermissions(await permissionSeed(), context);
  if (added.length > 0) logger.info({ permissions: added }, 'permissions were added to the catalogue');
  if (retired.length > 0) logger.warn({ permissions: retired }, 'permissions were retired from the catalogue');
  // The catalogue is as it should be; that nobody can be told whom it concerns must not hold up the start.
  await tellOfRetired(service).catch((err: unknown) => {
    logger.warn({ err }, 'the roles with retired permissions could not be looked up');
  });
}

async function tellOfRetired({ eventStore, readModels, logger }: Seeding): Promise<void> {
  const retired = (await catalogueHistory({ eventStore })).filter(({ retiredAt }) => retiredAt !== null);
  const named = await rolesGranting(
    readModels,
    retired.map(({ permission }) => permission),
  );
  for (const { permission } of retired) {
    const roles = named.filter(({ grant }) => grant === permission).length;
    if (roles === 0) continue;
    const message = 'roles name a retired permission, which grants nothing: see `mbauth permissions list`';
    logger.warn({ permission, roles }, message);
  }
}
