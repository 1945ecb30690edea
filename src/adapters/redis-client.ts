import { Redis } from 'ioredis';

type OnError = (error: Error) => void;

/**
 * For the request path: a command fails within half a second when Redis does not answer, and nothing is sent later that
 * the caller was told had failed.
 */
export function requestRedis(url: string, { onError }: { onError: OnError }): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 500,
    connectTimeout: 1000,
    retryStrategy: (attempt) => Math.min(100 * attempt, 1000),
  });
  return redis.on('error', onError);
}

/** For workers, which wait for Redis as long as it takes: BullMQ's blocking commands must not time out. */
export function workerRedis(url: string, { onError }: { onError: OnError }): Redis {
  return new Redis(url, { maxRetriesPerRequest: null }).on('error', onError);
}

/** For subscriptions alone, which it makes again after each reconnection. Connects with the first one. */
export function listeningRedis(url: string, { onError }: { onError: OnError }): Redis {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null });
  return redis.on('error', onError);
}
