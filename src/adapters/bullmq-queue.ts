import { Queue, type DefaultJobOptions } from 'bullmq';

import { outageGuard, type OutageGuard } from './outage-guard.ts';
import { requestRedis } from './redis-client.ts';

export interface JobQueue {
  /**
   * Adding an id that the queue still knows adds nothing. An id holds no ':'. Throws `Unavailable('session-store')`;
   * the job may have been added all the same.
   */
  enqueue(
    name: string,
    payload: Readonly<Record<string, string | number>>,
    options: { jobId: string; delayMs?: number; traceparent?: string },
  ): Promise<void>;
}

export function bullmqQueue({
  queueName,
  jobOptions,
  redisUrl,
  prefix,
  onError,
}: {
  queueName: string;
  /** Of every job: attempts, back-off and how long an ended one is kept. */
  jobOptions: DefaultJobOptions;
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

    async enqueue(name, payload, { jobId, delayMs, traceparent }) {
      const options = {
        jobId,
        ...(delayMs !== undefined && { delay: delayMs }),
        // Beside the payload: a worker that knows nothing of it runs the job all the same.
        ...(traceparent !== undefined && { telemetry: { metadata: traceparent } }),
      };
      await guard.run(() => queue.add(name, payload, options));
    },

    async close() {
      await queue.close();
      redis.disconnect();
    },
  };
}
