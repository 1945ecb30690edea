import { randomUUID } from 'node:crypto';
import { Queue, type JobsOptions } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Unavailable } from '../../src/application/ports.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { defineJob, queueName, type Job } from '../../src/workers/job.ts';
import { jobOptions } from '../../src/workers/retry-policy.ts';
import { keepSchedules } from '../../src/workers/schedules.ts';
import { startWorker } from '../../src/workers/start-worker.ts';
import { eventually } from './eventually.ts';
import { freshRedis, type FreshRedis } from './servers.ts';
import { memoryLogger, memoryMetrics } from './stories.ts';

const prefix = 'test';
const secret = 'ada@example.com';

let redis: FreshRedis;
let queue: Queue;
let closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  redis = await freshRedis();
  queue = new Queue(queueName, { connection: redis.client, prefix, defaultJobOptions: jobOptions });
  queue.on('error', () => undefined);
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.client.flushall();
});
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

function start(...jobs: Job[]) {
  const logger = memoryLogger();
  const metrics = memoryMetrics();
  const worker = startWorker({
    jobs,
    redisUrl: redis.url,
    prefix,
    concurrency: 5,
    clock: () => new Date(),
    random: () => 0,
    logger,
    metrics,
  });
  closing.push(worker.close);
  return { logger, metrics };
}

const anything = z.object({ number: z.number() });
/** Fails so often with this, then succeeds. */
function failing(times: number, error = new Error('not reached')) {
  const runs: number[] = [];
  const job = defineJob('some-job', anything, ({ number }) => {
    runs.push(number);
    return runs.length <= times ? Promise.reject(error) : Promise.resolve('a result nobody keeps');
  });
  return { job, runs };
}
const add = (data: object = { number: 1 }, options: JobsOptions = {}) =>
  queue.add('some-job', data, { jobId: `some-job-${randomUUID()}`, ...options });
const isIn = async (state: string, jobId: string | undefined) => (await queue.getJobState(jobId ?? '')) === state;

/** All that Redis holds, as text. */
async function everything(): Promise<string> {
  const keys = await redis.client.keys('*');
  const values = await Promise.all(keys.map((key) => redis.client.hgetall(key).catch(() => ({}))));
  return JSON.stringify([keys, values]);
}

describe('a worker', () => {
  it('runs a job, and keeps no result', async () => {
    const { job, runs } = failing(0);
    start(job);
    const { id } = await add({ number: 7 });
    await eventually(() => isIn('completed', id));
    expect(runs).toEqual([7]);
    expect(await everything()).not.toContain('a result');
  });

  it('runs one job for one id', async () => {
    const { job, runs } = failing(0);
    await add({ number: 1 }, { jobId: 'some-job-1' });
    await add({ number: 2 }, { jobId: 'some-job-1' });
    start(job);
    await eventually(() => isIn('completed', 'some-job-1'));
    await add({ number: 3 }, { jobId: 'some-job-1' });
    const { id } = await add({ number: 4 });
    await eventually(() => isIn('completed', id));
    expect(runs).toEqual([1, 4]);
  });

  it('tries again what failed, with the delays of the policy', async () => {
    const { job, runs } = failing(2, new Unavailable('mail'));
    const { metrics, logger } = start(job);
    const { id, timestamp } = await add();
    await eventually(() => isIn('completed', id));
    expect(runs).toHaveLength(3);
    // A second asked for by the failure, and then the shortest second delay: one second too.
    expect(Date.now() - timestamp).toBeGreaterThanOrEqual(2000);
    expect(metrics.failed).toEqual([
      ['some-job', false],
      ['some-job', false],
    ]);
    expect(logger.lines).toMatchObject([
      { fields: { attempt: 1, final: false, failure: { code: 'mail-unavailable' } } },
      { fields: { attempt: 2, final: false } },
    ]);
  });

  it.each<[string, object, Error | undefined]>([
    ['a payload that does not parse', { number: secret }, undefined],
    ['a refusal', { number: 1 }, new DomainError('login-expired')],
  ])('does not try %s again', async (_what, data, error) => {
    const { job, runs } = failing(1, error);
    const { metrics } = start(job);
    const { id } = await add(data);
    await eventually(() => isIn('failed', id));
    expect(runs.length).toBe(error === undefined ? 0 : 1);
    expect((await queue.getJob(id ?? ''))?.attemptsMade).toBe(1);
    expect(metrics.failed).toEqual([['some-job', true]]);
  });

  it('parks what has been tried for a day', async () => {
    const { job } = failing(1, new Unavailable('mail'));
    const { metrics } = start(job);
    const { id } = await add({ number: 1 }, { timestamp: Date.now() - 86_400_000 });
    await eventually(() => isIn('failed', id));
    expect(metrics.failed).toEqual([['some-job', true]]);
  });

  it('leaves a job that it does not know for a newer version', async () => {
    const { metrics } = start();
    const { id } = await add();
    await eventually(() => isIn('delayed', id));
    expect(metrics.failed).toEqual([['some-job', false]]);
  });

  it('tells neither Redis nor the log what a library said', async () => {
    const error = new TypeError(`cannot deliver to ${secret}`, { cause: new Error(secret) });
    const { job } = failing(1, error);
    const { logger } = start(job);
    const { id } = await add();
    await eventually(() => isIn('delayed', id));
    const stored = await queue.getJob(id ?? '');
    expect(stored?.stacktrace).toEqual(['some-job: TypeError']);
    expect(await everything()).not.toContain(secret);
    expect(JSON.stringify(logger.lines)).not.toContain(secret);
  });

  it('goes on when Redis was away', async () => {
    const { job, runs } = failing(0);
    const { logger } = start(job);
    const first = await add({ number: 1 });
    await eventually(() => isIn('completed', first.id));
    await redis.kill();
    await eventually(() => logger.lines.some(({ message }) => message === 'the queue cannot be reached'));
    await redis.restart();
    const second = await add({ number: 2 });
    await eventually(() => isIn('completed', second.id));
    expect(runs).toEqual([1, 2]);
  });

  it('can be closed while Redis is away', async () => {
    const { job } = failing(0);
    start(job);
    const { id } = await add();
    await eventually(() => isIn('completed', id));
    await redis.kill();
    await Promise.all(closing.map((close) => close()));
    closing = [];
    await redis.restart();
  });

  it('waits for a Redis that is away at the start', async () => {
    await redis.kill();
    const { job, runs } = failing(0);
    const { logger } = start(job);
    await eventually(() => logger.lines.length > 0);
    await redis.restart();
    const { id } = await add({ number: 3 });
    await eventually(() => isIn('completed', id));
    expect(runs).toEqual([3]);
  });
});

describe('schedules', () => {
  const table = { tick: { everyMs: 200, attempts: 1 } };
  const keep = () => {
    const schedules = keepSchedules({ redisUrl: redis.url, prefix, logger: memoryLogger(), table });
    closing.push(schedules.close);
  };

  it('make a job again and again, once for all processes', async () => {
    const runs: number[] = [];
    const tick = defineJob('tick', z.strictObject({}), () => Promise.resolve(runs.push(Date.now())));
    keep();
    keep();
    start(tick);
    start(tick);
    await eventually(() => runs.length >= 6);
    const first = runs[0] ?? 0;
    const fifth = runs[5] ?? 0;
    expect(fifth - first).toBeGreaterThan(4 * 200);
    expect(await queue.getJobSchedulersCount()).toBe(1);
  });

  it('are put back when Redis came back empty', async () => {
    keep();
    await eventually(async () => (await queue.getJobSchedulersCount()) === 1);
    await redis.kill();
    await redis.restart({ empty: true });
    await eventually(async () => (await queue.getJobSchedulersCount()) === 1);
  });
});
