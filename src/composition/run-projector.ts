import { runAuditProof } from './compose-audit.ts';
import type { Service } from '../compose.ts';
import { projections } from '../projections/all.ts';
import { runProjection } from '../projections/run.ts';
import { wholeLog } from './retention.ts';
import { sharedTail } from './shared-tail.ts';

/** Spare connections, for a rebuild beside the live read models. */
const spareConnections = 4;

/** Keeps every read model up to date until stopped; each waits while another process keeps it. */
export function runProjector(service: Service): { stop(): Promise<void> } {
  const { database, logger, metrics, tracing } = service;
  const subscribe = sharedTail(wholeLog(service));
  const stopping = new AbortController();
  const pool = database(2 * projections.length + spareConnections);
  const running = projections.map((projection) =>
    runProjection({
      projection,
      pool,
      subscribe,
      tracing,
      signal: stopping.signal,
      logger: logger.child({ process: 'projector' }),
      onParked: () => {
        metrics.eventParked(projection.name);
      },
    }),
  );
  running.push(runAuditProof(service, pool, stopping.signal));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
