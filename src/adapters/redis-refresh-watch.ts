import type { Redis } from 'ioredis';

import type { Clock } from '../application/ports.ts';
import type { RefreshWatch } from '../application/limits.ts';

const bucketMs = 10 * 60_000;
/** Together they cover the last hour, and up to ten minutes more. */
const buckets = 7;
const keptSeconds = 2 * 3600;

/** Counts refreshes that failed and left no event: what is away while they fail is often the log. */
export function redisRefreshWatch({
  redis,
  prefix,
  clock,
}: {
  redis: Redis;
  prefix: string;
  clock: Clock;
}): RefreshWatch & {
  /** Over all processes. Throws while Redis does not answer. */
  withinAnHour(): Promise<number>;
} {
  const keyOf = (bucket: number): string => `${prefix}{failed_refreshes}:${String(bucket)}`;
  const currentBucket = (): number => Math.floor(clock().getTime() / bucketMs);

  return {
    failed() {
      const key = keyOf(currentBucket());
      redis
        .multi()
        .incr(key)
        .expire(key, keptSeconds)
        .exec()
        .catch(() => undefined);
    },

    async withinAnHour() {
      const newest = currentBucket();
      const counts = await redis.mget(Array.from({ length: buckets }, (_, back) => keyOf(newest - back)));
      return counts.reduce((sum, count) => sum + Number(count ?? 0), 0);
    },
  };
}
