import type { Redis } from 'ioredis';
import { redisScript } from './redis-script.ts';

/** How often each process makes itself known to Redis. */
const lookEveryMs = 100;
/**
 * Silence after which Redis itself knows that it was away. Shorter than the time that a writer waits before it goes on
 * without Redis (`commandTimeout`), so that what was not written then is not missed.
 */
const silenceMs = 450;
/** Every process that can reach Redis has found it again by then: it reconnects, and closes its circuit, within two seconds. */
const settleMs = 3000;

/**
 * Begins every script that reads or writes copies: `now` and `fence`, both in milliseconds of Redis's clock. The fence
 * is raised when Redis finds that nobody has talked to it for a while, that it has lost the key, or that its clock went
 * back, and when `suspected` says that a process saw it away.
 */
export const trustPrelude = (key: string, suspected: string): string => `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local trust = redis.call('HMGET', ${key}, 'seen', 'fence')
local seen = tonumber(trust[1] or 0)
local fence = tonumber(trust[2] or 0)
local gap = now - seen
if ${suspected} or gap > ${silenceMs} or gap < 0 then
  fence = math.max(fence, now + ${settleMs}, seen > 0 and gap < 0 and seen + ${settleMs} or 0)
  redis.call('HSET', ${key}, 'seen', string.format('%.0f', now), 'fence', string.format('%.0f', fence))
end`;

const lookScript = `${trustPrelude('KEYS[1]', "ARGV[1] == '1'")}
if gap > 0 then redis.call('HSET', KEYS[1], 'seen', string.format('%.0f', now)) end
return string.format('%.0f', fence)`;

/**
 * Whether what stands in Redis may be believed. What was acknowledged while Redis was away is not in it. So everything
 * in it carries the time it was written at, by Redis's own clock, and is believed only if that is not before the fence:
 * a few seconds after the newest outage. What is older is compared with its stream, and written again.
 */
export interface RedisTrust {
  /** Of the scripts that `trustPrelude` begins. */
  readonly key: string;
  /** Until this process has told Redis of the outage that it saw, it believes nothing. */
  suspects(): boolean;
  /** Redis was seen to be away. */
  lost(): void;
  stop(): void;
}

export function redisTrust({ redis, prefix }: { redis: Redis; prefix: string }): RedisTrust {
  const key = `${prefix}trust`;
  const look = redisScript(redis, lookScript);
  /** Whatever happened before this process was there, others have seen, or nobody was there to talk to Redis. */
  let hasLooked = false;
  let outages = 0;
  let reported = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  function lost(): void {
    outages += 1;
  }

  async function report(): Promise<void> {
    const known = outages;
    await look(key, known > reported ? 1 : 0);
    reported = known;
    hasLooked = true;
  }

  function keepLooking(): void {
    void report()
      .catch(lost)
      .finally(() => {
        if (!stopped) timer = setTimeout(keepLooking, lookEveryMs).unref();
      });
  }

  redis.on('close', lost);
  keepLooking();
  return {
    key,
    suspects: () => !hasLooked || outages > reported,
    lost,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      redis.off('close', lost);
    },
  };
}
