import type { Redis } from 'ioredis';

import type { Clock } from '../application/ports.ts';
import { networkOf } from './client-network.ts';

const bucketMs = 10 * 60_000;
/** Together they cover the last hour, and up to ten minutes more. */
const buckets = 7;
const keptSeconds = 2 * 3600;
/** Those that are counted least go first: an attacker with many addresses cannot fill Redis. */
const mostAddresses = 10_000;

/** Counts failed logins by address for the alert, refused ones too. */
export interface LoginWatch {
  /** Does not wait, and is lost while Redis does not answer: a count is no reason to keep a login waiting. */
  failed(ip: string): void;
  /** The most that came from one address within the last hour. Throws while Redis does not answer. */
  mostFromOneAddress(): Promise<number>;
}

/**
 * No address is kept, and none is in an event: Redis holds a keyed hash of the network for two hours, under a key that
 * changes with the day, and what leaves here is a number.
 */
export function redisLoginWatch({
  redis,
  prefix,
  clock,
  nameOf,
}: {
  redis: Redis;
  prefix: string;
  clock: Clock;
  /** A keyed hash. */
  nameOf: (text: string) => string;
}): LoginWatch {
  const keyOf = (bucket: number): string => `${prefix}{failed_logins}:${String(bucket)}`;
  const currentBucket = (): number => Math.floor(clock().getTime() / bucketMs);

  return {
    failed(ip) {
      const key = keyOf(currentBucket());
      const day = clock().toISOString().slice(0, 10);
      redis
        .multi()
        .zincrby(key, 1, nameOf(`${day} ${networkOf(ip)}`))
        .zremrangebyrank(key, 0, -mostAddresses - 1)
        .expire(key, keptSeconds)
        .exec()
        .catch(() => undefined);
    },

    async mostFromOneAddress() {
      const newest = currentBucket();
      const keys = Array.from({ length: buckets }, (_, back) => keyOf(newest - back));
      const union = `${prefix}{failed_logins}:hour`;
      const results = await redis
        .multi()
        .zunionstore(union, keys.length, ...keys)
        .zrange(union, 0, 0, 'REV', 'WITHSCORES')
        .expire(union, 60)
        .exec();
      const top = results?.[1];
      if (top === undefined || top[0] !== null) throw new Error('Redis did not count the failed logins.');
      return Number((top[1] as string[])[1] ?? 0);
    },
  };
}
