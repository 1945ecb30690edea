import { Queue, Worker, type Job } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { bullmqQueue } from '../../src/adapters/bullmq-queue.ts';
import { workerRedis } from '../../src/adapters/redis-client.ts';
import { Unavailable } from '../../src/application/ports.ts';
import { queueName } from '../../src/workers/job.ts';
import { jobOptions } from '../../src/workers/retry-policy.ts';
import { breakable, freshPrefix, redisUrl } from './servers.ts';

const onError = () => undefined;
const recovered = { timeout: 10_000, interval: 25 };
const prefix = freshPrefix();
const redis = workerRedis(redisUrl(), { onError });
const observer = new Queue(queueName, { connection: redis, prefix });
const queue = bullmqQueue({ queueName, jobOptions, redisUrl: redisUrl(), prefix, onError });

beforeAll(() => vi.waitFor(() => queue.enqueue('warm-up', {}, { jobId: 'warm-up' }), recovered));
afterAll(async () => {
  await queue.close();
  await observer.close();
  redis.disconnect();
});

describe('a job', () => {
  it('is added once for its id', async () => {
    await queue.enqueue('send-mail', { messageId: 'm-1', attempt: 1 }, { jobId: 'event-1' });
    await queue.enqueue('send-mail', { messageId: 'other' }, { jobId: 'event-1' });
    const job = (await observer.getJob('event-1')) as Job<unknown>;
    expect(job).toMatchObject({ name: 'send-mail', data: { messageId: 'm-1', attempt: 1 } });
    expect(job.opts).toMatchObject(jobOptions);
  });

  it('can wait', async () => {
    await queue.enqueue('expire', { sessionId: 's-1' }, { jobId: 'later-1', delayMs: 60_000 });
    expect(await observer.getJobState('later-1')).toBe('delayed');
  });

  it('reaches a worker', async () => {
    const connection = workerRedis(redisUrl(), { onError });
    const ran: unknown[] = [];
    const worker = new Worker(
      queueName,
      (job: Job<unknown>) => {
        if (job.id === 'event-2') ran.push({ name: job.name, data: job.data });
        return Promise.resolve();
      },
      { connection, prefix },
    );
    await queue.enqueue('greet', { userId: 'u-1' }, { jobId: 'event-2' });
    await vi.waitFor(() => {
      expect(ran).toEqual([{ name: 'greet', data: { userId: 'u-1' } }]);
    }, recovered);
    await worker.close();
    connection.disconnect();
  });
});

describe('a Redis that does not answer', () => {
  it('fails the producer at once, also one that starts meanwhile, until it is back', async () => {
    const server = await breakable(redisUrl());
    await server.cut();
    const other = bullmqQueue({ queueName, jobOptions, redisUrl: server.url, prefix, onError });
    const add = (jobId: string) => other.enqueue('send-mail', {}, { jobId });
    const started = performance.now();
    await expect(add('down-1')).rejects.toThrow(Unavailable);
    expect(performance.now() - started).toBeLessThan(2500);
    await server.heal();
    await vi.waitFor(() => add('up-1'), recovered);
    expect(await observer.getJob('down-1')).toBeUndefined();
    expect(await observer.getJob('up-1')).toBeDefined();
    await server.cut();
    await expect(add('down-2')).rejects.toThrow(Unavailable);
    await other.close();
    await server.close();
  });

  it('fails the producer within a second when it hangs', async () => {
    const server = await breakable(redisUrl());
    const other = bullmqQueue({ queueName, jobOptions, redisUrl: server.url, prefix, onError });
    await vi.waitFor(() => other.enqueue('send-mail', {}, { jobId: 'before' }), recovered);
    server.hang();
    const started = performance.now();
    await expect(other.enqueue('send-mail', {}, { jobId: 'hung' })).rejects.toThrow(Unavailable);
    expect(performance.now() - started).toBeLessThan(2500);
    await other.close();
    await server.close();
  });
});
