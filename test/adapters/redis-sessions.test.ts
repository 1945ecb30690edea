import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { requestRedis } from '../../src/adapters/redis-client.ts';
import { redisSessions } from '../../src/adapters/redis-sessions.ts';
import { newId } from '../../src/adapters/uuid-ids.ts';
import { Unavailable, type SessionRecord } from '../../src/application/ports.ts';
import { breakable, freshPrefix, redisUrl } from './servers.ts';

const redis = requestRedis(redisUrl(), { onError: () => undefined });
const prefix = freshPrefix();
const sessions = redisSessions({ redis, prefix });
const start = new Date('2030-01-02T03:04:05.678Z');
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);

beforeAll(async () => {
  if (redis.status !== 'ready') await once(redis, 'ready');
});
afterAll(() => {
  redis.disconnect();
});

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
    expect(await sessions.use(record.sessionId, start)).toBeUndefined();
    await sessions.put(record, start);
    expect(await sessions.use(record.sessionId, after(5))).toEqual({ record, lastUsedAt: start });
    expect(await sessions.use(record.sessionId, after(9))).toEqual({ record, lastUsedAt: after(5) });
    expect(await sessions.lastUsed([record.sessionId, newId()])).toEqual(new Map([[record.sessionId, after(9)]]));
    expect(await sessions.lastUsed([])).toEqual(new Map());
  });

  it('keeps its last use when it is put again', async () => {
    const record = active();
    await sessions.put(record, start);
    await sessions.use(record.sessionId, after(5));
    const changed = { ...record, revision: 5n, teamId: 'team-2' };
    await sessions.put(changed, after(6));
    expect(await sessions.use(record.sessionId, after(7))).toEqual({ record: changed, lastUsedAt: after(5) });
  });

  it('is not replaced by an older revision, however many digits it has', async () => {
    const record = active({ revision: 10n });
    await sessions.put(record, start);
    await sessions.put({ ...record, revision: 9n, status: 'revoked' }, start);
    expect((await sessions.use(record.sessionId, start))?.record).toEqual(record);
    const same = { ...record, teamId: 'team-2' };
    await sessions.put(same, start);
    expect((await sessions.use(record.sessionId, start))?.record).toEqual(same);
    const ended = { ...record, revision: 11n, status: 'superseded', endedAt: after(1).toISOString() } as const;
    await sessions.put(ended, start);
    expect((await sessions.use(record.sessionId, start))?.record).toEqual(ended);
  });

  it('is not revived by a use after it was idle too long', async () => {
    const record = active({ idleTimeoutSeconds: 60 });
    await sessions.put(record, start);
    await sessions.use(record.sessionId, after(60));
    expect((await sessions.use(record.sessionId, after(121)))?.lastUsedAt).toEqual(after(60));
    expect((await sessions.use(record.sessionId, after(122)))?.lastUsedAt).toEqual(after(60));
  });

  it('that ended is not marked as used', async () => {
    const record = active({ status: 'revoked', endedAt: after(2).toISOString() });
    await sessions.put(record, start);
    await sessions.use(record.sessionId, after(5));
    expect(await sessions.use(record.sessionId, after(6))).toEqual({ record, lastUsedAt: start });
  });

  it('is marked once at a time by many at once, never back in time', async () => {
    const record = active();
    await sessions.put(record, start);
    await Promise.all([9, 3, 7, 1].map((seconds) => sessions.use(record.sessionId, after(seconds))));
    expect((await sessions.use(record.sessionId, after(9)))?.lastUsedAt).toEqual(after(9));
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
    expect(await sessions.use(record.sessionId, start)).toBeUndefined();
  });

  it('survives that Redis forgets the scripts', async () => {
    const record = active();
    await redis.script('FLUSH');
    await sessions.put(record, start);
    expect(await sessions.use(record.sessionId, start)).toBeDefined();
  });
});

describe('a Redis that does not answer', () => {
  const recovered = { timeout: 10_000, interval: 25 };

  async function wired() {
    const server = await breakable(redisUrl());
    const through = requestRedis(server.url, { onError: () => undefined });
    const cache = redisSessions({ redis: through, prefix });
    const record = active();
    await vi.waitFor(() => cache.put(record, start), recovered);
    const use = () => cache.use(record.sessionId, start);
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
