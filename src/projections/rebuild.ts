import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Subscribe } from '../application/ports.ts';
import { batches, type Batch } from './batch.ts';
import { advanceBuild, startBuild, type Build, type RebuildReport } from './build.ts';
import { activeCheckpoint } from './checkpoint.ts';
import { acquireLock, rebuildLock, type LockedConnection } from './lock.ts';
import type { ParkedEvent } from './park.ts';
import { handles, type Logger, type Projection } from './projection.ts';

const batchSize = 2000;
const backOffMs = 1000;

export interface RebuildProgress {
  readonly projection: string;
  readonly position: bigint;
  /** The farthest position known when it began. */
  readonly target: bigint;
  readonly events: number;
  readonly eventsPerSecond: number;
}

export interface RebuildOptions {
  readonly projections: readonly Projection[];
  /** Each projection takes one of its connections. */
  readonly pool: Pool;
  readonly subscribe: Subscribe;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Skips those that are live in this version by the time the lock is held. */
  readonly onlyOutdated?: boolean;
  readonly onParked?: (parked: ParkedEvent) => void;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

/**
 * Builds read models anew beside the live ones, from one reading of the log, and swaps each when it has caught up.
 * Goes on after an outage of the log; rejects when a database connection is lost or with the signal, and a next call
 * goes on with what has been built.
 */
export async function rebuildProjections(options: RebuildOptions): Promise<RebuildReport[]> {
  const { pool, signal } = options;
  const owned: LockedConnection[] = [];
  try {
    const builds: Build[] = [];
    // Always in the same order, so that two callers do not wait for each other.
    for (const projection of options.projections.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const connection = await acquireLock(pool, rebuildLock(projection.name), signal);
      owned.push(connection);
      const live = await activeCheckpoint(connection.sql, projection.name);
      if (options.onlyOutdated && live && live.version >= projection.version) continue;
      builds.push(await startBuild(connection, projection, live));
    }
    await buildAll(options, builds, AbortSignal.any([signal, ...owned.map((connection) => connection.signal)]));
    return builds.map(({ report }) => report);
  } finally {
    for (const connection of owned) connection.release();
  }
}

async function buildAll(options: RebuildOptions, builds: readonly Build[], signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  const target = await farthestPosition(options.pool);
  const onBatch = () => {
    for (const build of builds) reportProgress(options, build, target, startedAt);
  };
  while (builds.some(({ swapped }) => !swapped)) {
    try {
      await readThrough(options, builds, signal, onBatch);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof LogFailed)) throw error;
      options.logger.warn({ err: error.cause }, 'the log went away during a rebuild, which goes on');
      await pause(backOffMs, undefined, { signal });
    }
  }
}

/** The subscription failed, not the database. */
class LogFailed extends Error {
  override readonly name = 'LogFailed';
}

async function readThrough(
  { subscribe, onParked = () => undefined }: RebuildOptions,
  all: readonly Build[],
  signal: AbortSignal,
  onBatch: () => void,
): Promise<void> {
  let builds = all.filter(({ swapped }) => !swapped);
  const source = batches({
    subscribe,
    after: leastPosition(builds) ?? 'start',
    signal,
    size: batchSize,
    wants: ({ event }) => builds.some(({ projection }) => handles(projection, event.type)),
  });
  try {
    while (builds.length > 0) {
      const batch = await nextOf(source);
      await Promise.all(builds.map((build) => advanceBuild(build, batch, signal, onParked)));
      onBatch();
      builds = builds.filter(({ swapped }) => !swapped);
    }
  } finally {
    await source.return(undefined);
  }
}

async function nextOf(source: AsyncGenerator<Batch>): Promise<Batch> {
  try {
    const next = await source.next();
    if (!next.done) return next.value;
  } catch (cause) {
    throw new LogFailed('the log cannot be read', { cause });
  }
  throw new LogFailed('the log ended');
}

function leastPosition(builds: readonly Build[]): bigint | undefined {
  const positions = builds.map(({ checkpoint }) => checkpoint.position ?? -1n);
  const least = positions.reduce((a, b) => (a < b ? a : b));
  return least < 0n ? undefined : least;
}

async function farthestPosition(pool: Pool): Promise<bigint> {
  const { rows } = await pool.query<{ position: string }>(
    'select coalesce(max(position), 0) as position from engine.projection_checkpoint where active',
  );
  return BigInt(rows[0]?.position ?? 0);
}

function reportProgress({ onProgress }: RebuildOptions, build: Build, target: bigint, startedAt: number): void {
  const position = build.checkpoint.position ?? 0n;
  onProgress?.({
    projection: build.projection.name,
    position,
    target: position > target ? position : target,
    events: build.events,
    eventsPerSecond: Math.round(build.events / ((performance.now() - startedAt) / 1000)),
  });
}
