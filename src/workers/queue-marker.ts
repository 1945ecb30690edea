import { Redis } from 'ioredis';
import type { Logger } from './job.ts';
import { outageLog, reconnectDelay } from './queue-connection.ts';

/** A value in the queue's Redis that is gone when Redis has lost its data. */
export interface QueueMarker {
  read(): Promise<string | null>;
  write(generation: string): Promise<void>;
  close(): void;
}

/** `onReturn` is called when Redis is back after it was away: it may have lost its newest writes, or all. */
export function queueMarker({
  redisUrl,
  prefix,
  logger,
  onReturn,
}: {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly logger: Logger;
  readonly onReturn: () => void;
}): QueueMarker {
  const key = `${prefix}:generation`;
  const redis = new Redis(redisUrl, {
    maxRetriesPerRequest: 1,
    commandTimeout: 2000,
    connectTimeout: 2000,
    retryStrategy: reconnectDelay,
  });
  const outage = outageLog(logger);
  let wasAway = false;
  redis.on('error', outage.began);
  redis.on('close', () => {
    wasAway = true;
  });
  redis.on('ready', () => {
    outage.ended();
    if (wasAway) onReturn();
    wasAway = false;
  });
  return {
    read: () => redis.get(key),
    write: async (generation) => {
      await redis.set(key, generation);
    },
    close: () => {
      redis.disconnect();
    },
  };
}
