import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { defineJob, queueName } from '../../src/workers/job.ts';
import { jobOptions } from '../../src/workers/retry-policy.ts';
import { startWorker } from '../../src/workers/start-worker.ts';
import { eventually } from './eventually.ts';
import { freshRedis, type FreshRedis } from './servers.ts';
import { memoryLogger, memoryMetrics } from './stories.ts';

const prefix = 'test';
const root = fileURLToPath(new URL('../../', import.meta.url));
let redis: FreshRedis;

beforeAll(async () => {
  redis = await freshRedis();
});
afterAll(() => redis.close());

it('leaves its job to another', async () => {
  const queue = new Queue(queueName, { connection: redis.client, prefix, defaultJobOptions: jobOptions });
  const entry = fileURLToPath(new URL('./hanging-worker.ts', import.meta.url));
  const killed = fork(entry, [redis.url, prefix], { cwd: root, execArgv: ['--import', 'tsx'], stdio: 'inherit' });
  await queue.add('some-job', {}, { jobId: 'some-job-1' });
  await once(killed, 'message');
  const exited = once(killed, 'exit');
  killed.kill('SIGKILL');
  await exited;

  const runs: string[] = [];
  const worker = startWorker({
    jobs: [defineJob('some-job', z.object({}), () => Promise.resolve(runs.push('run')))],
    redisUrl: redis.url,
    prefix,
    concurrency: 1,
    clock: () => new Date(),
    random: () => 0,
    logger: memoryLogger(),
    metrics: memoryMetrics(),
  });
  await eventually(async () => (await queue.getJobState('some-job-1')) === 'completed', { withinMs: 50_000 });
  expect(runs).toEqual(['run']);
  await worker.close();
}, 60_000);
