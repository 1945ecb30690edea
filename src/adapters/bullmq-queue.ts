import { Queue } from 'bullmq';

import { outageGuard, type OutageGuard } from './outage-guard.ts';
import { requestRedis } from './redis-client.ts';

/** One queue for everything; the job's name says what it is. */
export const queueName = 'jobs';

export interface JobQueue {
  /**
   * Adding an id that the queue still knows adds nothing. An id holds no ':'. Throws `Unavailable('session-store')`;
   * the job may have been added all the same.
   */
  enqueue(
    name: string,
    payload: Readonly<Record<string, string | number>>,
    options: { jobId: string; delayMs?: number },
  ): Promise<void>;
}

const daySeconds = 24 * 60 * 60;

/** Delays double from 5 s: the fifteenth and last attempt comes after up to 23 hours. */
export const jobOptions = {
  attempts: 15,
  backoff: { type: 'exponential', delay: 5000, jitter: 0.5 },
  removeOnComplete: { age: daySeconds, count: 10_000 },
  removeOnFail: { age: 14 * daySeconds, count: 50_000 },
};

export function bullmqQueue({
  redisUrl,
  prefix,
  onError,
}: {
  redisUrl: string;
  prefix: string;
  onError: (error: Error) => void;
}): JobQueue & { close(): Promise<void>; status: OutageGuard['status'] } {
  const redis = requestRedis(redisUrl, { onError });
  // Without the two `skip`s a queue made during an outage waits for ever, or remembers the outage.
  const queue = new Queue(queueName, {
    connection: redis,
    prefix,
    defaultJobOptions: jobOptions,
    skipWaitingForReady: true,
    skipVersionCheck: true,
  });
  queue.on('error', onError);
  const guard = outageGuard('session-store');

  return {
    status: guard.status,

    async enqueue(name, payload, { jobId, delayMs }) {
      await guard.run(() => queue.add(name, payload, { jobId, ...(delayMs !== undefined && { delay: delayMs }) }));
    },

    async close() {
      await queue.close();
      redis.disconnect();
    },
  };
}
