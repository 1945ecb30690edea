import { UnrecoverableError, Worker, type Job as QueuedJob } from 'bullmq';
import { Redis } from 'ioredis';
import type { Clock } from '../application/ports.ts';
import type { Tracing } from '../application/tracing.ts';
import { queueName, type Job, type JobMetrics, type Logger } from './job.ts';
import { describeFailure } from './job-failure.ts';
import { pause } from './pause.ts';
import { outageLog, reconnectDelay } from './queue-connection.ts';
import { delayBeforeRetry, isOverdue } from './retry-policy.ts';

export interface WorkerOptions {
  readonly jobs: readonly Job[];
  readonly redisUrl: string;
  readonly prefix: string;
  /** Jobs at once in this process. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: JobMetrics;
  readonly tracing?: Tracing | undefined;
}

/** How long a job of a killed process waits before another takes it up. */
const lockMs = 15_000;
const stalledCheckMs = 5_000;
/** A job that takes its process down with it is parked after this many. */
const mostCrashes = 20;

/** Longest wait for running jobs at the end; what is cut off is run again by another process. */
const closingMs = 20_000;
const awayClosingMs = 1000;

/** Runs the jobs of the queue until closed. Where the queue is away it waits for it. `close` lets running jobs end. */
export function startWorker(options: WorkerOptions): { close: () => Promise<void> } {
  const { redisUrl, prefix, concurrency, random, logger } = options;
  let closing = false;
  // The worker's own copy of the connection shares these options: it must not go on connecting after the end.
  const retryStrategy = (attempt: number): number | null => (closing ? null : reconnectDelay(attempt));
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy });
  const outage = outageLog(logger);
  connection.on('error', outage.began);
  connection.on('ready', outage.ended);

  const worker = new Worker<unknown, undefined>(queueName, tracedProcessor(options), {
    connection,
    prefix,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    maxStalledCount: mostCrashes,
    settings: {
      backoffStrategy: (attemptsMade, _type, error) =>
        delayBeforeRetry(attemptsMade, { retryAfterMs: error instanceof JobFailed ? error.retryAfterMs : 0, random }),
    },
  });
  worker.on('error', outage.began);
  return {
    close: async () => {
      closing = true;
      // A queue that is away cannot be told; what runs is then run again by another process.
      const patience = connection.status === 'ready' ? closingMs : awayClosingMs;
      const ended = new AbortController();
      await Promise.race([
        worker.close().catch(outage.began),
        pause(patience, ended.signal).then(() => void worker.close(true).catch(outage.began)),
      ]);
      ended.abort();
      connection.disconnect();
    },
  };
}

type Processor = (job: QueuedJob<unknown, undefined>) => Promise<undefined>;

/** Goes on with the trace of whoever made the job; what the clock makes begins one. */
function tracedProcessor(options: WorkerOptions): Processor {
  const { tracing } = options;
  const process = processor(options);
  if (tracing === undefined) return process;
  return (job) => {
    const attributes = { 'mbauth.job': job.name, 'mbauth.attempt': job.attemptsMade + 1 };
    const span = { name: `job ${job.name}`, kind: 'consumer', attributes } as const;
    return tracing.continuing(job.opts.telemetry?.metadata, span, () => process(job));
  };
}

function processor({ jobs, clock, logger, metrics }: WorkerOptions): Processor {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  return async ({ name, id, data, attemptsMade, timestamp }) => {
    const startedAt = clock().getTime();
    metrics.jobStarted(name);
    try {
      await run(byName.get(name), data);
      metrics.jobCompleted(name, (clock().getTime() - startedAt) / 1000);
    } catch (error) {
      const failure = describeFailure(error);
      const final =
        failure.final || (isOverdue(clock().getTime() - timestamp) && (await isGivenUp(byName.get(name), data)));
      metrics.jobFailed(name, final);
      logger.warn({ job: name, jobId: id, attempt: attemptsMade + 1, final, failure }, 'job failed');
      throw forTheQueue(`${name}: ${failure.code}`, final, failure.retryAfterMs);
    }
  };
}

/** Whatever keeps a job from being given up keeps it from being lost. */
async function isGivenUp(job: Job | undefined, data: unknown): Promise<boolean> {
  return (
    job?.giveUp === undefined ||
    job.giveUp(data).then(
      () => true,
      () => false,
    )
  );
}

async function run(job: Job | undefined, data: unknown): Promise<void> {
  // During a deployment the job may be a newer version's, which will take it.
  if (job === undefined) throw new UnknownJob('no such job here');
  await job.run(data);
}

class UnknownJob extends Error {
  override readonly name = 'UnknownJob';
}

class JobFailed extends Error {
  override readonly name = 'JobFailed';
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The queue keeps message and stack, so both hold nothing but our own words. */
function forTheQueue(message: string, final: boolean, retryAfterMs: number): Error {
  const error = final ? new UnrecoverableError(message) : new JobFailed(message, retryAfterMs);
  error.stack = message;
  return error;
}
