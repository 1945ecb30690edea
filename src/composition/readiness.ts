import type { Readiness } from '../api/dependencies.ts';
import { circuitsOf } from './circuits.ts';
import type { Service } from '../compose.ts';
import { projectionStatus, type ProjectionStatus } from '../projections/status.ts';

const probeMs = 1000;

type Dependencies = Pick<
  Service,
  'pool' | 'readModels' | 'eventStore' | 'sessionCache' | 'mailer' | 'geoIp' | 'head' | 'metrics'
> &
  Partial<Pick<Service, 'virtuozzoPlatform' | 'queue'>>;

/**
 * Asks every dependency at once. Ready means that a login would succeed: so each is asked through its circuit, which lets
 * nobody through for a moment after an outage.
 */
export function readinessOf(service: Dependencies): () => Promise<Readiness> {
  const { pool, readModels, eventStore, sessionCache, head, metrics } = service;
  return async () => {
    const [database, sessions, log, position] = await Promise.all([
      answers(readModels.query('select 1')),
      answers(sessionCache.ping()),
      answers(eventStore.readStream('readiness_probe')),
      within(head()).catch(() => undefined),
    ]);
    const projections = database
      ? await within(projectionStatus(pool, position)).catch(() => noProjections)
      : noProjections;
    for (const { name, lag } of projections) metrics.projectionLag(name, Number(lag ?? 0));
    const probed = new Map([
      ['database', upOrDown(database)],
      ['event-store', upOrDown(log)],
      ['session-store', upOrDown(sessions)],
    ]);
    const dependencies = [...circuitsOf(service)].map(
      ([name, circuit]) => [name, { status: probed.get(name) ?? 'not-probed', circuit }] as const,
    );
    return { ready: database && sessions && log, dependencies: Object.fromEntries(dependencies), projections };
  };
}

const noProjections: readonly ProjectionStatus[] = [];
const upOrDown = (up: boolean) => (up ? 'up' : 'down');

async function answers(probe: Promise<unknown>): Promise<boolean> {
  return within(probe).then(
    () => true,
    () => false,
  );
}

async function within<T>(probe: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('no answer in time'));
    }, probeMs);
  });
  return Promise.race([probe, late]).finally(() => {
    clearTimeout(timer);
  });
}
