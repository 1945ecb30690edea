import type { Pool } from 'pg';
import type { Clock, NewId, Subscribe } from '../application/ports.ts';
import type { Tracing } from '../application/tracing.ts';
import type { JobMetrics, JobQueue, Logger } from './job.ts';

export interface ReactionOptions {
  readonly subscribe: Subscribe;
  readonly queue: JobQueue;
  readonly pool: Pool;
  /** The Redis of `queue`. */
  readonly redisUrl: string;
  readonly prefix: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly metrics: Pick<JobMetrics, 'eventToJobSeconds'>;
  readonly tracing?: Tracing | undefined;
  /** How often to look whether Redis has lost its data without going away; default 5 s. */
  readonly markerCheckMs?: number;
}
