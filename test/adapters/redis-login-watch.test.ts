import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loginLimitOver } from '../../src/adapters/login-limit.ts';
import { requestRedis } from '../../src/adapters/redis-client.ts';
import { redisLoginWatch } from '../../src/adapters/redis-login-watch.ts';
import { freshPrefix, redisUrl } from './servers.ts';

const redis = requestRedis(redisUrl(), { onError: () => undefined });
beforeAll(async () => {
  if (redis.status !== 'ready') await once(redis, 'ready');
});
afterAll(() => {
  redis.disconnect();
});

function watching(prefix = freshPrefix()) {
  const time = { now: new Date('2026-03-01T10:00:00.000Z') };
  const nameOf = (text: string) => createHash('sha256').update(text).digest('hex');
  const watch = redisLoginWatch({ redis, prefix, clock: () => time.now, nameOf });
  const later = (minutes: number) => (time.now = new Date(time.now.getTime() + minutes * 60_000));
  return { watch, later, prefix };
}

describe('failed logins, watched by address', () => {
  it('are counted over an hour, the most that came from one', async () => {
    const { watch, later } = watching();
    expect(await watch.mostFromOneAddress()).toBe(0);
    for (let time = 0; time < 3; time++) watch.failed('203.0.113.7');
    watch.failed('203.0.113.99');
    later(30);
    for (let time = 0; time < 2; time++) watch.failed('203.0.113.7');
    expect(await watch.mostFromOneAddress()).toBe(5);
    later(45);
    expect(await watch.mostFromOneAddress()).toBe(2);
    later(60);
    expect(await watch.mostFromOneAddress()).toBe(0);
  });

  it('leave no address in Redis, and nothing after two hours', async () => {
    const { watch, prefix } = watching();
    watch.failed('203.0.113.7');
    await watch.mostFromOneAddress();
    const keys = await redis.keys(`${prefix}*`);
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(JSON.stringify(await redis.zrange(key, 0, -1))).not.toContain('203.0');
      expect(await redis.ttl(key)).toBeGreaterThan(0);
    }
  });

  it('count those that are refused too', async () => {
    const { watch } = watching();
    const blocked = {
      take: () => Promise.resolve(0),
      giveBack: () => Promise.resolve(),
      blockedFor: () => Promise.resolve(9),
    };
    const limit = loginLimitOver(blocked, watch);
    await limit.countFailure('203.0.113.7');
    expect(await limit.blockedFor('203.0.113.7')).toBe(9);
    expect(await watch.mostFromOneAddress()).toBe(2);
  });
});
