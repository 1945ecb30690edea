import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { networkOf } from '../../src/adapters/client-network.ts';
import { loginLimitOver } from '../../src/adapters/login-limit.ts';
import { requestRedis } from '../../src/adapters/redis-client.ts';
import { redisLimits } from '../../src/adapters/redis-limits.ts';
import { freshPrefix, redisUrl } from './servers.ts';

const redis = requestRedis(redisUrl(), { onError: () => undefined });
beforeAll(async () => {
  if (redis.status !== 'ready') await once(redis, 'ready');
});
afterAll(() => {
  redis.disconnect();
});

/** The limits as one process has them, and what it tells of them. */
function processWith(prefix: string, over: Redis = redis) {
  const told = { refused: [] as string[], inMemory: [] as boolean[] };
  const metrics = {
    limitRefused: (limit: string) => void told.refused.push(limit),
    limitsInMemory: (inMemory: boolean) => void told.inMemory.push(inMemory),
  };
  const settings = { codeMailsPerUser: 10, mailsPerIp: 30 };
  const limits = redisLimits({ redis: over, prefix, settings, metrics, nameOf: (network) => `hash-of-${network}` });
  return { limits, logins: loginLimitOver(limits.loginFailuresOfIp), told };
}

async function failTimes({ logins }: ReturnType<typeof processWith>, ip: string, times: number): Promise<void> {
  for (let failure = 0; failure < times; failure += 1) await logins.countFailure(ip);
}

describe('failed logins of an address', () => {
  it('are allowed twenty in an hour', async () => {
    const one = processWith(freshPrefix());
    await failTimes(one, '203.0.113.7', 19);
    expect(await one.logins.blockedFor('203.0.113.7')).toBe(0);
    await failTimes(one, '203.0.113.7', 1);
    const seconds = await one.logins.blockedFor('203.0.113.7');
    expect(seconds).toBeGreaterThan(3590);
    expect(seconds).toBeLessThanOrEqual(3600);
    expect(await one.logins.blockedFor('203.0.113.8')).toBe(0);
  });

  it('count for the whole network of an IPv6 subscriber', async () => {
    const one = processWith(freshPrefix());
    for (let host = 1; host <= 20; host += 1) await one.logins.countFailure(`2001:db8:1:2::${host}`);
    expect(await one.logins.blockedFor('2001:0DB8:1:2:ffff::1')).toBeGreaterThan(0);
    expect(await one.logins.blockedFor('2001:db8:1:3::1')).toBe(0);
  });
});

describe('a limit', () => {
  it('lets no more pass than it allows, however many ask at once in two processes', async () => {
    const prefix = freshPrefix();
    const [one, other] = [processWith(prefix), processWith(prefix)];
    const asked = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? one : other).limits.codeTriesOfUser.take('ann'),
    );
    const waits = await Promise.all(asked);
    expect(waits.filter((seconds) => seconds === 0)).toHaveLength(10);
    expect(await one.limits.codeTriesOfUser.blockedFor('ann')).toBeGreaterThan(0);
    expect(await one.limits.codeTriesOfUser.take('bob')).toBe(0);
  });

  it('takes back what does not count', async () => {
    const { limits } = processWith(freshPrefix());
    for (let times = 0; times < 30; times += 1) {
      expect(await limits.codeTriesOfUser.take('ann')).toBe(0);
      await limits.codeTriesOfUser.giveBack('ann');
    }
  });

  it('is counted in the memory of the process while Redis does not answer, and that is told', async () => {
    const gone = requestRedis('redis://127.0.0.1:1', { onError: () => undefined });
    const { limits, told } = processWith(freshPrefix(), gone);
    for (let times = 0; times < 10; times += 1) expect(await limits.codeMailsOfUser.take('ann')).toBe(0);
    expect(await limits.codeMailsOfUser.take('ann')).toBeGreaterThan(0);
    expect(told.refused).toEqual(['codeMailsOfUser']);
    expect(new Set(told.inMemory)).toEqual(new Set([true]));
    gone.disconnect();
  });

  it('is shown to operators, and cleared by them', async () => {
    const { limits } = processWith(freshPrefix());
    for (let times = 0; times < 3; times += 1) await limits.mailsOfIp.take('203.0.113.7');
    const shown = await limits.operator.show('ip', '203.0.113.7');
    expect(shown.find(({ limit }) => limit === 'mailsOfIp')).toMatchObject({ used: 3, allowed: 30 });
    expect(shown.map(({ limit }) => limit).sort()).toEqual(['loginFailuresOfIp', 'mailsOfIp']);
    await limits.operator.clear('ip', '203.0.113.7');
    const cleared = await limits.operator.show('ip', '203.0.113.7');
    expect(cleared.find(({ limit }) => limit === 'mailsOfIp')).toMatchObject({ used: 0 });
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
