import type { Readiness } from './api/dependencies.ts';
import type { Service } from './compose.ts';
import { projectionStatus, type ProjectionStatus } from './projections/status.ts';

const probeMs = 1000;

/** Asks every dependency at once. Ready means that a login would succeed. */
export function readinessOf(service: Service): () => Promise<Readiness> {
  const { pool, redis, eventStore, sessionCache, mailer, geoIp, head, metrics } = service;
  return async () => {
    const [database, sessions, log, position] = await Promise.all([
      answers(pool.query('select 1')),
      answers(redis.ping()),
      answers(eventStore.readStream('readiness_probe')),
      within(head()).catch(() => undefined),
    ]);
    const projections = database
      ? await within(projectionStatus(pool, position)).catch(() => noProjections)
      : noProjections;
    for (const { name, lag } of projections) metrics.projectionLag(name, Number(lag ?? 0));
    return {
      ready: database && sessions && log,
      dependencies: {
        database: { status: upOrDown(database) },
        'event-store': { status: upOrDown(log), circuit: eventStore.status() },
        'session-store': { status: upOrDown(sessions), circuit: sessionCache.status() },
        mail: { status: 'not-probed', circuit: mailer.status() },
        ...(geoIp?.status && { 'geo-ip': { status: 'not-probed', circuit: geoIp.status() } }),
      },
      projections,
    };
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
