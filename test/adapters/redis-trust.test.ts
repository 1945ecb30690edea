import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { requestRedis } from '../../src/adapters/redis-client.ts';
import { redisTrust, type RedisTrust } from '../../src/adapters/redis-trust.ts';
import { breakable, freshPrefix, redisUrl } from './servers.ts';

const soon = { timeout: 10_000, interval: 10 };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function connected(url = redisUrl()): Promise<Redis> {
  const redis = requestRedis(url, { onError: () => undefined });
  closing.push(() => {
    redis.disconnect();
  });
  if (redis.status !== 'ready') await once(redis, 'ready');
  return redis;
}

async function watching(redis: Redis, prefix: string): Promise<RedisTrust> {
  const trust = redisTrust({ redis, prefix });
  closing.push(() => {
    trust.stop();
  });
  expect(trust.suspects()).toBe(true);
  await settledBy(trust);
  return trust;
}

const settledBy = (trust: RedisTrust) =>
  vi.waitFor(() => {
    expect(trust.suspects()).toBe(false);
  }, soon);

const fenceOf = async (redis: Redis, { key }: RedisTrust) => Number(await redis.hget(key, 'fence'));

async function nowOf(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

describe('the fence', () => {
  it('stands some seconds ahead when nobody has talked to Redis before, and then stays', async () => {
    const [redis, prefix] = [await connected(), freshPrefix()];
    const trust = await watching(redis, prefix);
    const fence = await fenceOf(redis, trust);
    expect(fence - (await nowOf(redis))).toBeGreaterThan(2000);
    // Somebody who comes later changes nothing: this one has been there all the time.
    await watching(await connected(), prefix);
    expect(await fenceOf(redis, trust)).toBe(fence);
  });

  it.each(['cut', 'hang'] as const)(
    'is raised after an outage in which nobody asked for anything (%s)',
    async (how) => {
      const server = await breakable(redisUrl());
      closing.push(() => server.close());
      const redis = await connected();
      const trust = await watching(await connected(server.url), freshPrefix());
      const before = await fenceOf(redis, trust);
      await server[how]();
      await vi.waitFor(() => {
        expect(trust.suspects()).toBe(true);
      }, soon);
      await server.heal();
      await settledBy(trust);
      expect(await fenceOf(redis, trust)).toBeGreaterThan(before);
    },
  );

  it('is raised by one process for all of them', async () => {
    const [redis, prefix] = [await connected(), freshPrefix()];
    const [one, other] = [await watching(redis, prefix), await watching(await connected(), prefix)];
    const before = await fenceOf(redis, other);
    one.lost();
    expect([one.suspects(), other.suspects()]).toEqual([true, false]);
    await settledBy(one);
    expect(await fenceOf(redis, other)).toBeGreaterThan(before);
  });

  it.each<[string, (redis: Redis, key: string) => Promise<unknown>]>([
    ['its data is gone', (redis, key) => redis.del(key)],
    ['it was silent', async (redis, key) => redis.hset(key, 'seen', String((await nowOf(redis)) - 500))],
    ['its clock goes back', async (redis, key) => redis.hset(key, 'seen', String((await nowOf(redis)) + 60_000))],
  ])('is raised by Redis itself when %s, though every connection holds', async (_what, harm) => {
    const redis = await connected();
    const trust = await watching(redis, freshPrefix());
    const before = await fenceOf(redis, trust);
    // The process may talk to Redis in between the two.
    await vi.waitFor(async () => {
      await harm(redis, trust.key);
      expect(await fenceOf(redis, trust)).toBeGreaterThan(before);
    }, soon);
    expect(trust.suspects()).toBe(false);
  });
});
