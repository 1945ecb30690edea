import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Recorded, Subscribe } from '../application/ports.ts';
import type { Tracing } from '../application/tracing.ts';
import { applyBatch } from './apply.ts';
import { batches, type Batch } from './batch.ts';
import { activeCheckpoint, CheckpointMoved, markFailing, type Checkpoint, type ProjectionState } from './checkpoint.ts';
import { acquireLock, projectionLock, type LockedConnection } from './lock.ts';
import type { ParkedEvent } from './park.ts';
import { handles, type Logger, type Projection } from './projection.ts';
import { rebuildProjections } from './rebuild.ts';
import { createActive, useSchema } from './schema.ts';
import { traceBatch } from './trace-batch.ts';

const batchSize = 500;
const firstBackOffMs = 100;
const longestBackOffMs = 5000;

export interface RunOptions {
  readonly projection: Projection;
  /** Each running projection keeps one of its connections. */
  readonly pool: Pool;
  readonly subscribe: Subscribe;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly onParked?: (parked: ParkedEvent) => void;
  /** After each commit, for metrics. */
  readonly onBatch?: (projection: string, batch: Batch) => void;
  /** Of what is written as it happens; catching up belongs to nobody's trace. */
  readonly tracing?: Tracing | undefined;
}

/**
 * Keeps one read model up to date until the signal aborts: waits until no other process does, catches up, follows, and
 * starts again from its checkpoint with back-off whenever the log or the database goes away. Never rejects.
 */
export async function runProjection(options: RunOptions): Promise<void> {
  const { projection, pool, signal, logger } = options;
  let backOffMs = firstBackOffMs;
  const progressed = () => {
    backOffMs = firstBackOffMs;
  };
  while (!signal.aborted) {
    try {
      await own(options, progressed);
    } catch (error) {
      if (isAborted(signal)) return;
      if (error instanceof CheckpointMoved) {
        logger.info({ projection: projection.name }, 'the read model was rebuilt or taken over');
        continue;
      }
      logger.error({ projection: projection.name, err: error, backOffMs }, 'the projection failed and starts again');
      await markFailing(pool, projection).catch(() => undefined);
      await pause(backOffMs, undefined, { signal }).catch(() => undefined);
      backOffMs = Math.min(backOffMs * 2, longestBackOffMs);
    }
  }
}

// Read through a function, since the compiler does not know that it changes while we wait.
const isAborted = (signal: AbortSignal) => signal.aborted;

async function own(options: RunOptions, progressed: () => void): Promise<void> {
  const { projection, pool, signal } = options;
  const active = await activeCheckpoint(pool, projection.name);
  // Beside the old version, which another process may still keep up to date.
  if (active && active.version < projection.version) {
    await rebuildProjections({ ...options, projections: [projection], onlyOutdated: true });
  }
  const owned = await acquireLock(pool, projectionLock(projection.name), signal);
  try {
    await follow(options, owned, await liveCheckpoint(owned, projection), progressed);
  } finally {
    owned.release();
  }
}

async function liveCheckpoint({ sql }: LockedConnection, projection: Projection): Promise<Checkpoint> {
  const checkpoint = (await activeCheckpoint(sql, projection.name)) ?? (await createActive(sql, projection));
  if (checkpoint.version > projection.version) {
    const found = String(checkpoint.version);
    throw new Error(`${projection.name} is live in version ${found}, newer than this process; rebuild it to go back`);
  }
  if (checkpoint.version < projection.version) throw new CheckpointMoved(`${projection.name} has to be rebuilt`);
  return checkpoint;
}

async function follow(
  { projection, subscribe, logger, onParked, onBatch, tracing }: RunOptions,
  { sql, signal }: LockedConnection,
  start: Checkpoint,
  progressed: () => void,
): Promise<void> {
  await useSchema(sql, start.schema);
  const reportParked = (parked: ParkedEvent) => {
    const { stream, position, type, reason, error } = parked;
    logger.error(
      { projection: projection.name, stream, position: String(position), type, reason, error },
      'event parked',
    );
    onParked?.(parked);
  };
  let checkpoint = start;
  let state: ProjectionState = 'catching-up';
  const wants = ({ event }: Recorded) => handles(projection, event.type);
  for await (const batch of batches({ subscribe, after: start.position ?? 'start', signal, size: batchSize, wants })) {
    if (batch.caughtUp) state = 'live';
    const startedAt = performance.now();
    checkpoint = await applyBatch({ sql, projection, state, onParked: reportParked }, checkpoint, batch);
    if (tracing && state === 'live') traceBatch(tracing, projection.name, batch, startedAt);
    progressed();
    onBatch?.(projection.name, batch);
  }
  signal.throwIfAborted();
}
