// A worker in a process of its own, to be killed: tells its parent that the job runs, and never ends it.
import { z } from 'zod';
import { defineJob } from '../../src/workers/job.ts';
import { startWorker } from '../../src/workers/start-worker.ts';

const [redisUrl = '', prefix = ''] = process.argv.slice(2);
const nothing = (): void => undefined;

startWorker({
  jobs: [
    defineJob('some-job', z.object({}), () => {
      process.send?.('running');
      return new Promise(nothing);
    }),
  ],
  redisUrl,
  prefix,
  concurrency: 1,
  clock: () => new Date(),
  random: () => 0,
  logger: { info: nothing, warn: nothing, error: nothing },
  metrics: { jobStarted: nothing, jobCompleted: nothing, jobFailed: nothing, eventToJobSeconds: nothing },
});
