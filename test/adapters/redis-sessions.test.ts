import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { requestRedis } from '../../src/adapters/redis-client.ts';
import { redisSessions } from '../../src/adapters/redis-sessions.ts';
import { redisTrust, type RedisTrust } from '../../src/adapters/redis-trust.ts';
import { newId } from '../../src/adapters/uuid-ids.ts';
import { Unavailable, type SessionRecord } from '../../src/application/ports.ts';
import { breakable, freshPrefix, redisUrl } from './servers.ts';

const redis = requestRedis(redisUrl(), { onError: () => undefined });
const prefix = freshPrefix();
const closing: (() => void)[] = [];
const sessions = redisSessions({ redis, prefix, trust: trustIn(redis) });
/** How long trust takes, and some. */
const settled = { timeout: 10_000, interval: 25 };
const start = new Date('2030-01-02T03:04:05.678Z');
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);

beforeAll(async () => {
  if (redis.status !== 'ready') await once(redis, 'ready');
});
afterAll(() => {
  for (const close of closing) close();
  redis.disconnect();
});

function trustIn(through: Redis, under = prefix): RedisTrust {
  const made = redisTrust({ redis: through, prefix: under });
  closing.push(() => {
    made.stop();
  });
  return made;
}

function active(changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    sessionId: newId(),
    userId: 'user-1',
    teamId: 'team-1',
    roleId: 'role-1',
    deviceId: 'device-1',
    status: 'active',
    revision: 4n,
    startedAt: start.toISOString(),
    expiresAt: after(24 * 60 * 60).toISOString(),
    idleTimeoutSeconds: 60,
    ...changes,
  };
}

describe('a session', () => {
  it('comes back as it was put, with the use before this one', async () => {
    const record = active({ revision: 2n ** 60n });
    expect(await sessions.use(record, start)).toBeUndefined();
    await sessions.put(record, start);
    expect(await sessions.use(record, after(5))).toMatchObject({ record, lastUsedAt: start });
    expect(await sessions.use(record, after(9))).toMatchObject({ record, lastUsedAt: after(5) });
    expect(await sessions.lastUsed([record.sessionId, newId()])).toEqual(new Map([[record.sessionId, after(9)]]));
    expect(await sessions.lastUsed([])).toEqual(new Map());
  });

  it('keeps its last use when it is put again', async () => {
    const record = active();
    await sessions.put(record, start);
    await sessions.use(record, after(5));
    const changed = { ...record, revision: 5n, teamId: 'team-2' };
    await sessions.put(changed, after(6));
    expect(await sessions.use(record, after(7))).toMatchObject({ record: changed, lastUsedAt: after(5) });
  });

  it('is not replaced by an older revision, however many digits it has', async () => {
    const record = active({ revision: 10n });
    await sessions.put(record, start);
    await sessions.put({ ...record, revision: 9n, status: 'revoked' }, start);
    expect((await sessions.use(record, start))?.record).toEqual(record);
    const same = { ...record, teamId: 'team-2' };
    await sessions.put(same, start);
    expect((await sessions.use(record, start))?.record).toEqual(same);
    const ended = { ...record, revision: 11n, status: 'superseded', endedAt: after(1).toISOString() } as const;
    await sessions.put(ended, start);
    expect((await sessions.use(record, start))?.record).toEqual(ended);
  });

  it('is not revived by a use after it was idle too long', async () => {
    const record = active({ idleTimeoutSeconds: 60 });
    await sessions.put(record, start);
    await sessions.use(record, after(60));
    expect((await sessions.use(record, after(121)))?.lastUsedAt).toEqual(after(60));
    expect((await sessions.use(record, after(122)))?.lastUsedAt).toEqual(after(60));
  });

  it('is marked once a second at most, so that its last use is known to a second', async () => {
    const record = active();
    await sessions.put(record, start);
    await sessions.use(record, after(5));
    await sessions.use(record, after(5.9));
    expect((await sessions.use(record, after(6)))?.lastUsedAt).toEqual(after(5));
    expect((await sessions.use(record, after(6.5)))?.lastUsedAt).toEqual(after(6));
  });

  it('comes back as its own, however many are asked for at once', async () => {
    const records = Array.from({ length: 150 }, (_, n) => active({ userId: `user-${String(n)}` }));
    await Promise.all(records.slice(0, 100).map((record) => sessions.put(record, start)));
    const used = await Promise.all(records.map((record) => sessions.use(record, after(1))));
    expect(used.map((found) => found?.record)).toEqual([
      ...records.slice(0, 100),
      ...Array<undefined>(50).fill(undefined),
    ]);
  });

  it('that ended is not marked as used', async () => {
    const record = active({ status: 'revoked', endedAt: after(2).toISOString() });
    await sessions.put(record, start);
    await sessions.use(record, after(5));
    expect(await sessions.use(record, after(6))).toMatchObject({ record, lastUsedAt: start });
  });

  it('is marked once at a time by many at once, never back in time', async () => {
    const record = active();
    await sessions.put(record, start);
    await Promise.all([9, 3, 7, 1].map((seconds) => sessions.use(record, after(seconds))));
    expect((await sessions.use(record, after(9)))?.lastUsedAt).toEqual(after(9));
  });

  it('is kept for a day after its end', async () => {
    const record = active({ expiresAt: after(100).toISOString() });
    await sessions.put(record, start);
    const leftMs = await redis.pttl(`${prefix}session:${record.sessionId}`);
    const day = 24 * 60 * 60;
    expect(leftMs).toBeGreaterThan((day + 90) * 1000);
    expect(leftMs).toBeLessThanOrEqual((day + 100) * 1000);
  });

  it('of a shape that this release does not know is as good as none', async () => {
    const record = active();
    await sessions.put(record, start);
    await redis.hset(`${prefix}session:${record.sessionId}`, 'record', '{"sessionId":1}');
    expect(await sessions.use(record, start)).toBeUndefined();
  });

  it('survives that Redis forgets the scripts', async () => {
    const record = active();
    await redis.script('FLUSH');
    await sessions.put(record, start);
    expect(await sessions.use(record, start)).toBeDefined();
  });
});

describe('the epoch of a team', () => {
  it('comes with the use of a session in it, and is never replaced by an older one', async () => {
    const record = active({ teamId: newId() });
    await sessions.put(record, start);
    expect(await sessions.use(record, start)).toMatchObject({ teamEpoch: 'unknown' });
    await vi.waitFor(async () => {
      await sessions.putTeamEpoch(record.teamId, 9n);
      expect(await sessions.use(record, start)).toMatchObject({ teamEpoch: 9n });
    }, settled);
    await sessions.putTeamEpoch(record.teamId, 10n);
    await sessions.putTeamEpoch(record.teamId, 9n);
    expect(await sessions.use(record, start)).toMatchObject({ teamEpoch: 10n });
    await sessions.putTeamEpoch(record.teamId, 2n ** 60n);
    expect(await sessions.use(record, start)).toMatchObject({ teamEpoch: 2n ** 60n });
    expect(await sessions.use({ ...record, teamId: newId() }, start)).toMatchObject({ teamEpoch: 'unknown' });
  });

  it('does not stay for ever', async () => {
    const teamId = newId();
    await sessions.putTeamEpoch(teamId, 1n);
    expect(await redis.pttl(`${prefix}team:${teamId}`)).toBeGreaterThan(6 * 24 * 60 * 60 * 1000);
  });
});

describe('after an outage', () => {
  it('a record and an epoch are believed again when they were written some seconds later', async () => {
    const own = freshPrefix();
    const trust = trustIn(redis, own);
    const cache = redisSessions({ redis, prefix: own, trust });
    const record = active({ teamId: newId() });
    const believed = async () => {
      const used = await cache.use(record, start);
      return [used?.isTrusted, used?.teamEpoch];
    };
    const written = async () => {
      await cache.put(record, start);
      await cache.putTeamEpoch(record.teamId, 3n);
      return believed();
    };
    expect(await written()).toEqual([false, 'unknown']);
    await vi.waitFor(async () => {
      expect(await written()).toEqual([true, 3n]);
    }, settled);
    trust.lost();
    expect(await believed()).toEqual([false, 'unknown']);
    await vi.waitFor(() => {
      expect(trust.suspects()).toBe(false);
    }, settled);
    expect(await written()).toEqual([false, 'unknown']);
    await vi.waitFor(async () => {
      expect(await written()).toEqual([true, 3n]);
    }, settled);
    expect(await believed()).toEqual([true, 3n]);
  });
});

describe('a Redis that does not answer', () => {
  const recovered = { timeout: 10_000, interval: 25 };

  async function wired() {
    const server = await breakable(redisUrl());
    const through = requestRedis(server.url, { onError: () => undefined });
    const cache = redisSessions({ redis: through, prefix, trust: trustIn(through) });
    const record = active();
    await vi.waitFor(() => cache.put(record, start), recovered);
    const use = () => cache.use(record, start);
    await vi.waitFor(use, recovered);
    return {
      server,
      cache,
      use,
      close: async () => {
        through.disconnect();
        await server.close();
      },
    };
  }

  it('is unavailable at once when it is gone, and back when it is back', async () => {
    const { server, cache, use, close } = await wired();
    await server.cut();
    const started = performance.now();
    for (let call = 0; call < 20; call += 1) {
      await expect(use()).rejects.toThrow(Unavailable);
    }
    expect(performance.now() - started).toBeLessThan(3000);
    await expect(cache.lastUsed(['x'])).rejects.toThrow(Unavailable);
    expect(cache.status()).toBe('open');
    await server.heal();
    await vi.waitFor(use, recovered);
    expect(cache.status()).toBe('closed');
    await close();
  });

  it('is unavailable after half a second when it hangs, and not waited for again', async () => {
    const { server, use, close } = await wired();
    server.hang();
    const started = performance.now();
    await Promise.all(Array.from({ length: 10 }, () => expect(use()).rejects.toThrow(Unavailable)));
    expect(performance.now() - started).toBeLessThan(2500);
    const again = performance.now();
    await expect(use()).rejects.toThrow(Unavailable);
    expect(performance.now() - again).toBeLessThan(400);
    await server.heal();
    await vi.waitFor(use, recovered);
    await close();
  });
});
