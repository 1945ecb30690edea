import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyPeople } from '../../bench/data/copy-people.ts';
import { fillLog } from '../../bench/data/fill-log.ts';
import { installationOn, newInstallation, type Installation } from '../../bench/service.ts';
import { beside, startStoresOn, type Stores } from '../../bench/stores.ts';
import { compose } from '../../src/compose.ts';
import { completeConnections, configuredConnections, loadConfig } from '../../src/config.ts';
import { projections } from '../../src/projections/all.ts';
import type { RebuildReport } from '../../src/projections/build.ts';
import { rebuildProjections } from '../../src/projections/rebuild.ts';

const people = 3;
const times = 4;
const connections = 30;
/** Of the machine at its busiest. */
const patienceMs = 240_000;
const logger = pino({ level: 'silent' });
const { signal } = new AbortController();

let dataDir: string;
let stores: Stores;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mbauth-copied-'));
  stores = await started();
});
afterAll(async () => {
  await stores.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const started = () => startStoresOn(dataDir, new URL('../../src/embedded/event-store/main.ts', import.meta.url));

/** The same after its servers have begun anew: the event store learns only then what was written behind its back. */
async function restarted({ settings, databaseUrl }: Installation): Promise<Installation> {
  await stores.stop();
  stores = await started();
  const own = Object.entries(settings).filter(([name]) => /^(MASTER_KEY|STREAM_PREFIX|REDIS_PREFIX)$/.test(name));
  return installationOn(stores, beside(stores.databaseUrl, new URL(databaseUrl).pathname), Object.fromEntries(own));
}

async function rebuilt({ settings }: Installation): Promise<RebuildReport[]> {
  const config = loadConfig(settings);
  const complete = completeConnections(configuredConnections(config));
  const service = await compose({ config, connections: complete, publicUrl: 'http://localhost', logger, signal });
  try {
    const pool = service.database(connections);
    return await rebuildProjections({ projections, pool, subscribe: service.subscribe, signal, logger });
  } finally {
    await service.close();
  }
}

const tablesOf = (reports: readonly RebuildReport[]) => reports.flatMap(({ tables }) => tables);

it(
  'people who are copied have the rows that the read models make of their events',
  async () => {
    const installation = await newInstallation(stores, 'copied');
    const events = await fillLog(stores, installation, { from: 0, to: people, logins: 1 });
    await rebuilt(installation);
    const filled = tablesOf(await rebuilt(installation)).filter(({ rowsAfter }) => rowsAfter > 0);
    expect(filled).toContainEqual({ table: 'audit_log', rowsBefore: events, rowsAfter: events, same: true });

    await copyPeople(installation, { times, signal });

    const copied = tablesOf(await rebuilt(await restarted(installation))).filter(({ rowsAfter }) => rowsAfter > 0);
    expect(copied).toEqual(
      filled.map(({ table, rowsAfter }) => ({
        table,
        rowsBefore: rowsAfter * times,
        rowsAfter: rowsAfter * times,
        same: true,
      })),
    );
  },
  patienceMs,
);
