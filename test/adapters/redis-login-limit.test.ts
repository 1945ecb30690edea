import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { requestRedis } from '../../src/adapters/redis-client.ts';
import { networkOf, redisLoginLimit } from '../../src/adapters/redis-login-limit.ts';
import { freshPrefix, redisUrl } from './servers.ts';

const redis = requestRedis(redisUrl(), { onError: () => undefined });
beforeAll(async () => {
  if (redis.status !== 'ready') await once(redis, 'ready');
});
afterAll(() => {
  redis.disconnect();
});

const nameOf = (network: string) => network;

async function failTimes(limit: ReturnType<typeof redisLoginLimit>, ip: string, times: number): Promise<void> {
  for (let failure = 0; failure < times; failure += 1) await limit.countFailure(ip);
}

describe('failed logins of an address', () => {
  it('are allowed twenty in an hour', async () => {
    const limit = redisLoginLimit({ redis, prefix: freshPrefix(), nameOf });
    expect(await limit.blockedFor('203.0.113.7')).toBe(0);
    await failTimes(limit, '203.0.113.7', 19);
    expect(await limit.blockedFor('203.0.113.7')).toBe(0);
    await failTimes(limit, '203.0.113.7', 1);
    const seconds = await limit.blockedFor('203.0.113.7');
    expect(seconds).toBeGreaterThan(3590);
    expect(seconds).toBeLessThanOrEqual(3600);
    expect(await limit.blockedFor('203.0.113.8')).toBe(0);
  });

  it('count for every process', async () => {
    const prefix = freshPrefix();
    await failTimes(redisLoginLimit({ redis, prefix, nameOf }), '203.0.113.7', 20);
    expect(await redisLoginLimit({ redis, prefix, nameOf }).blockedFor('203.0.113.7')).toBeGreaterThan(0);
  });

  it('count for the whole network of an IPv6 subscriber', async () => {
    const limit = redisLoginLimit({ redis, prefix: freshPrefix(), nameOf });
    for (let host = 1; host <= 20; host += 1) await limit.countFailure(`2001:db8:1:2::${host}`);
    expect(await limit.blockedFor('2001:0DB8:1:2:ffff::1')).toBeGreaterThan(0);
    expect(await limit.blockedFor('2001:db8:1:3::1')).toBe(0);
  });

  it('are counted in memory while Redis does not answer', async () => {
    const gone = requestRedis('redis://127.0.0.1:1', { onError: () => undefined });
    const limit = redisLoginLimit({ redis: gone, prefix: freshPrefix(), nameOf });
    await failTimes(limit, '203.0.113.7', 20);
    expect(await limit.blockedFor('203.0.113.7')).toBeGreaterThan(0);
    expect(await limit.blockedFor('203.0.113.8')).toBe(0);
    gone.disconnect();
  });
});

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0db8:0000:0000:0001:0002:0003:0004', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5::', '2001:db8:1:2::/64'],
])('%s counts as %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});
