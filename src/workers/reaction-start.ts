import type { PoolClient } from 'pg';
import type { Clock, NewId } from '../application/ports.ts';
import type { Logger } from './job.ts';
import type { QueueMarker } from './queue-marker.ts';
import { loadProgress, positionAt } from './reaction-progress.ts';

export interface Start {
  readonly after: bigint | 'start';
  /** Up to here the jobs were made before, as far as the checkpoint knows. */
  readonly madeUpTo: bigint | undefined;
  readonly enqueuedAt: Date;
  readonly generation: string;
  /** The jobs are made again; the generation is valid only when that is done. */
  readonly isNewGeneration: boolean;
}

/** A queue that was away may lack the writes of its last second (`appendfsync everysec`), or of a failover. */
const overlapMs = 60_000;
/** Jobs are tried for a day, so none in the queue is older. */
const rewindMs = 25 * 3_600_000;

/**
 * Where to begin in the log. Redis carries a mark that the database knows too: without it Redis has lost its data, and
 * the jobs that may have been in it are made again from the log.
 */
export async function whereToStart(
  sql: PoolClient,
  marker: QueueMarker,
  { clock, newId, logger }: { readonly clock: Clock; readonly newId: NewId; readonly logger: Logger },
): Promise<Start> {
  const { position, enqueuedAt = clock(), generation } = await loadProgress(sql);
  const mark = await marker.read();
  const about = { madeUpTo: position, enqueuedAt };
  if (mark !== null && mark === generation) {
    const after = await positionAt(sql, new Date(enqueuedAt.getTime() - overlapMs));
    return { ...about, after, generation: mark, isNewGeneration: false };
  }
  if (generation !== undefined) logger.warn({}, 'the queue has lost its data: its jobs are made again from the log');
  const newGeneration = newId();
  await marker.write(newGeneration);
  const after = await positionAt(sql, new Date(enqueuedAt.getTime() - rewindMs));
  return { ...about, after, generation: newGeneration, isNewGeneration: true };
}
