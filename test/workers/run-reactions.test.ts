import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bullmqQueue } from '../../src/adapters/bullmq-queue.ts';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { Unavailable, type Subscribe } from '../../src/application/ports.ts';
import { queueName } from '../../src/workers/job.ts';
import { loadProgress } from '../../src/workers/reaction-progress.ts';
import type { ReactionOptions } from '../../src/workers/reaction-options.ts';
import { runReactions } from '../../src/workers/run-reactions.ts';
import type { FreshDatabase } from '../support/database.ts';
import { eventually } from './eventually.ts';
import { choosyQueue, endLeader, watchedQueue } from './reaction-faults.ts';
import { freshDatabase, freshRedis, type FreshRedis } from './servers.ts';
import { memoryLogger, memoryMetrics, register, somebody, submit } from './stories.ts';
import { jobOptions } from '../../src/workers/retry-policy.ts';

const prefix = 'test';
const clock = () => new Date();

let redis: FreshRedis;
let database: FreshDatabase;
/** Looks into the queue. */
let inspected: Queue;
let queue: ReturnType<typeof bullmqQueue>;
let eventStore: ReturnType<typeof memoryEventStore>;
let running: { stop: () => Promise<void> }[] = [];

beforeAll(async () => {
  redis = await freshRedis();
});
afterAll(() => redis.close());

beforeEach(async () => {
  await redis.client.flushall();
  database = await freshDatabase();
  eventStore = memoryEventStore({ clock });
  queue = bullmqQueue({ queueName, jobOptions, redisUrl: redis.url, prefix, onError: () => undefined });
  inspected = new Queue(queueName, { connection: redis.client, prefix });
  inspected.on('error', () => undefined);
});
afterEach(async () => {
  await Promise.all(running.map(({ stop }) => stop()));
  running = [];
  await queue.close();
  await database.drop();
});

function start(changes: Partial<ReactionOptions> = {}) {
  const logger = memoryLogger();
  const metrics = memoryMetrics();
  const reactions = runReactions({
    subscribe: (after, signal) => eventStore.subscribe(after, signal),
    queue,
    pool: database.pool,
    redisUrl: redis.url,
    prefix,
    clock,
    newId: randomUUID,
    logger,
    metrics,
    markerCheckMs: 50,
    ...changes,
  });
  running.push(reactions);
  return { ...reactions, logger, metrics };
}

const registerSomebody = async (userId = randomUUID()) =>
  `mail-verification-${(await register(eventStore, userId)).id}`;
const hasJob = async (jobId: string) => (await inspected.getJob(jobId)) !== undefined;
const following = async () => {
  const job = await registerSomebody();
  await eventually(() => hasJob(job));
};
const hasJobs = async (jobIds: readonly string[]) => (await Promise.all(jobIds.map(hasJob))).every(Boolean);
const checkpoint = async () => (await loadProgress(database.pool)).position;
const endOfLog = () => BigInt(eventStore.all().length);
const saved = async () => (await checkpoint()) === endOfLog();
const generation = async () => (await loadProgress(database.pool)).generation;
const confirmed = async () => {
  const mark = await redis.client.get(`${prefix}:generation`);
  return mark !== null && mark === (await generation());
};

describe('following the log', () => {
  it('makes the jobs of what was there before, and of what comes', async () => {
    const before = await registerSomebody();
    start();
    await eventually(() => hasJob(before));
    const after = await registerSomebody();
    await eventually(() => hasJob(after));
    await eventually(saved);
    const job = await inspected.getJob(after);
    expect(job?.name).toBe('mail-verification');
    expect(Object.keys(job?.data as object).sort()).toEqual(['eventId', 'revision', 'stream']);
  });

  it('puts nothing personal into Redis', async () => {
    const person = somebody({ email: 'very.private@example.com', name: 'Very Private', teamName: 'Secret Team' });
    const { id } = await submit(eventStore, person);
    start();
    await eventually(() => hasJob(`complete-registration-${id}`));
    const dump = JSON.stringify(await inspected.getJob(`complete-registration-${id}`));
    expect(dump).not.toMatch(/private|secret team/i);
  });

  it('is fast', async () => {
    const { metrics } = start();
    await following();
    metrics.latencies.length = 0;
    for (let count = 1; count <= 200; count++) {
      await registerSomebody();
      await eventually(() => metrics.latencies.length >= count);
    }
    const sorted = metrics.latencies.toSorted((left, right) => left - right);
    const median = (sorted[100] ?? Infinity) * 1000;
    expect(median).toBeLessThan(50);
  });

  it('resubscribes when the log goes away, and leaves nothing out', async () => {
    let breaks = 3;
    const breaking: Subscribe = async function* (after, signal) {
      for await (const entry of eventStore.subscribe(after, signal)) {
        yield entry;
        if (breaks-- > 0) throw new Unavailable('event-store');
      }
    };
    const jobs = [await registerSomebody(), await registerSomebody(), await registerSomebody()];
    start({ subscribe: breaking });
    await eventually(() => hasJobs(jobs));
    await eventually(saved);
  });
});

describe('a crash', () => {
  it('between job and checkpoint repeats the job’s making, and it stays one job', async () => {
    let crashed = false;
    const { watched, jobIds } = watchedQueue(queue, async () => {
      if (crashed) return;
      crashed = true;
      await endLeader(database.pool);
    });
    const job = await registerSomebody();
    start({ queue: watched });
    await eventually(saved);
    expect(jobIds.filter((jobId) => jobId === job).length).toBeGreaterThan(1);
    expect(await inspected.getJobCountByTypes('waiting')).toBe(1);
  });

  it('never leaves the checkpoint past an event without its job', async () => {
    const stuck = await registerSomebody();
    const others = [await registerSomebody(), await registerSomebody()];
    const refusing = choosyQueue(queue, (jobId) => jobId !== stuck, new Unavailable('session-store'));
    const first = start({ queue: refusing });
    await eventually(() => hasJobs(others));
    await first.stop();
    expect(await checkpoint()).toBeUndefined();
    start();
    await eventually(() => hasJob(stuck));
    await eventually(saved);
  });

  it('of the leader lets another take over', async () => {
    const first = start();
    await following();
    const second = start();
    const leads = ({ logger }: typeof first) =>
      logger.lines.some(({ message }) => message === 'reactions follow the log');
    expect(leads(second)).toBe(false);
    await first.stop();
    await eventually(() => leads(second));
    const job = await registerSomebody();
    await eventually(() => hasJob(job));
  });

  it('of the database connection is survived', async () => {
    start();
    await following();
    await endLeader(database.pool);
    const job = await registerSomebody();
    await eventually(() => hasJob(job));
    await eventually(saved);
  });
});

describe('a queue that lost its data', () => {
  it('gets its jobs again when it was emptied under a living connection', async () => {
    start();
    const jobs = [await registerSomebody(), await registerSomebody()];
    await eventually(() => hasJobs(jobs));
    await eventually(confirmed);
    const before = await generation();
    await redis.client.flushall();
    await eventually(() => hasJobs(jobs));
    await eventually(confirmed);
    expect(await generation()).not.toBe(before);
  });

  it('gets its jobs again when it came back empty', async () => {
    start();
    const jobs = [await registerSomebody(), await registerSomebody()];
    await eventually(() => hasJobs(jobs));
    await eventually(confirmed);
    await redis.kill();
    await redis.restart({ empty: true });
    await eventually(() => hasJobs(jobs));
    await eventually(confirmed);
  });

  it('gets its jobs again when nobody looked meanwhile, also after a second crash half-way', async () => {
    const first = start();
    const jobs = [await registerSomebody(), await registerSomebody(), await registerSomebody()];
    await eventually(() => hasJobs(jobs));
    await eventually(confirmed);
    await first.stop();
    await redis.client.flushall();
    const refusing = choosyQueue(queue, (jobId) => jobId === jobs[0], new Unavailable('session-store'));
    const second = start({ queue: refusing });
    await eventually(() => hasJob(jobs[0] ?? ''));
    await second.stop();
    start();
    await eventually(() => hasJobs(jobs));
    await eventually(confirmed);
  });

  it('gets those of the last day only', async () => {
    const old = await registerSomebody();
    const first = start();
    await eventually(() => hasJob(old));
    await eventually(saved);
    await eventually(confirmed);
    await first.stop();
    const dayBefore = new Date(Date.now() - 25.5 * 3_600_000);
    await database.pool.query('update engine.reaction_history set at = $1', [dayBefore]);
    const recent = await registerSomebody();
    await redis.client.flushall();
    start();
    await eventually(() => hasJob(recent));
    await eventually(confirmed);
    expect(await hasJob(old)).toBe(false);
  });

  it('gets again what it lost of its last second when its connection came back', async () => {
    start();
    const job = await registerSomebody();
    await eventually(() => hasJob(job));
    await eventually(confirmed);
    await (await inspected.getJob(job))?.remove();
    await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await eventually(() => hasJob(job));
  });
});

describe('a queue that is away', () => {
  it('makes jobs late, and leaves none out', async () => {
    const { logger } = start();
    await following();
    await redis.kill();
    const jobs: string[] = [];
    for (let count = 0; count < 300; count++) jobs.push(await registerSomebody());
    await eventually(() => logger.lines.some(({ message }) => message === 'the queue cannot be reached'));
    expect(await saved()).toBe(false);
    await redis.restart();
    await eventually(() => hasJobs(jobs));
    await eventually(saved);
    expect(logger.lines.filter(({ message }) => message === 'the queue cannot be reached').length).toBeLessThan(10);
  });

  it('is waited for at the start', async () => {
    await redis.kill();
    const job = await registerSomebody();
    const { logger } = start();
    await eventually(() => logger.lines.some(({ message }) => message.startsWith('reactions begin again')));
    await redis.restart();
    await eventually(() => hasJob(job));
  });

  it('does not hold up the end', async () => {
    await redis.kill();
    const { stop, logger } = start();
    await eventually(() => logger.lines.some(({ message }) => message.startsWith('reactions begin again')));
    await stop();
    await redis.restart();
  });
});
