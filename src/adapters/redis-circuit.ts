import type { Redis } from 'ioredis';
import { RateLimiterRes } from 'rate-limiter-flexible';

import { outageGuard, type OutageGuard } from './outage-guard.ts';

const circuits = new WeakMap<Redis, OutageGuard>();

/**
 * The same for one client: whoever asks for it shares one circuit, so that after an outage a request does not wait for
 * Redis once for each thing that it wants of it.
 */
export function redisCircuit(redis: Redis): OutageGuard {
  const known = circuits.get(redis);
  if (known !== undefined) return known;
  // A limit that is reached is thrown too, and is an answer.
  const circuit = outageGuard('session-store', { isOutage: (error) => !(error instanceof RateLimiterRes) });
  circuits.set(redis, circuit);
  return circuit;
}
