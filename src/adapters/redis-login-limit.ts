import type { Redis } from 'ioredis';
import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';

import type { LoginLimit } from '../application/ports.ts';

const failuresAllowed = 20;
const windowSeconds = 60 * 60;

interface Options {
  readonly redis: Redis;
  readonly prefix: string;
  /** A keyed hash: addresses of people do not stand in Redis. */
  readonly nameOf: (network: string) => string;
}

/** Counts in the memory of this process while Redis does not answer. */
export function redisLoginLimit({ redis, prefix, nameOf }: Options): LoginLimit {
  const limit = { keyPrefix: `${prefix}login_failures`, points: failuresAllowed, duration: windowSeconds };
  const limiter = new RateLimiterRedis({
    ...limit,
    storeClient: redis,
    rejectIfRedisNotReady: true,
    insuranceLimiter: new RateLimiterMemory(limit),
  });

  return {
    async blockedFor(ip) {
      const counted = await limiter.get(nameOf(networkOf(ip)));
      if (counted === null || counted.consumedPoints < failuresAllowed) return 0;
      return Math.max(1, Math.ceil(counted.msBeforeNext / 1000));
    },

    async countFailure(ip) {
      await limiter.penalty(nameOf(networkOf(ip)));
    },
  };
}

/** One subscriber has a whole /64 of IPv6 addresses, so they count as one. */
export function networkOf(ip: string): string {
  const [address = ''] = ip.toLowerCase().split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [left = '', right] = address.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const groups = [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail];
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
