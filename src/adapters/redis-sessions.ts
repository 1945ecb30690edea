import type { ChainableCommander, Redis } from 'ioredis';
import { z } from 'zod';

import type { SessionCache, SessionRecord } from '../application/ports.ts';
import { outageGuard, type OutageGuard } from './outage-guard.ts';
import { redisScript } from './redis-script.ts';

/** How long an ended session can still say why it ended. */
const keptAfterExpiryMs = 24 * 60 * 60 * 1000;

const recordSchema = z.object({
  sessionId: z.string(),
  userId: z.string(),
  teamId: z.string(),
  roleId: z.string(),
  deviceId: z.string(),
  status: z.enum(['active', 'suspended', 'superseded', 'revoked', 'expired-idle', 'expired-absolute']),
  revision: z.string().transform(BigInt),
  startedAt: z.string(),
  expiresAt: z.string(),
  idleTimeoutSeconds: z.number(),
  endedAt: z.string().optional(),
});

/** Revisions go beyond the integers of Lua, so they are compared as text. */
const putScript = `
local stored = redis.call('HGET', KEYS[1], 'revision')
local given = ARGV[1]
if stored and (#stored > #given or (#stored == #given and stored > given)) then return 0 end
redis.call('HSET', KEYS[1], 'revision', given, 'record', ARGV[2], 'status', ARGV[3], 'idleMs', ARGV[4])
if ARGV[3] == 'active' then redis.call('HSETNX', KEYS[1], 'usedAt', ARGV[5]) end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return 1`;

/** A session that was idle too long is not touched, or its next use would find it alive. */
const useScript = `
local found = redis.call('HMGET', KEYS[1], 'record', 'usedAt', 'status', 'idleMs')
if not found[1] then return nil end
local idleFor = tonumber(ARGV[1]) - tonumber(found[2] or 0)
if found[3] == 'active' and idleFor > 0 and idleFor <= tonumber(found[4]) then
  redis.call('HSET', KEYS[1], 'usedAt', ARGV[1])
end
return {found[1], found[2]}`;

const usedSchema = z.tuple([z.string(), z.string().nullable()]).nullable();

export function redisSessions({ redis, prefix }: { redis: Redis; prefix: string }): SessionCache & {
  status: OutageGuard['status'];
} {
  const guard = outageGuard('session-store');
  const putSession = redisScript(redis, putScript);
  const useSession = redisScript(redis, useScript);
  const keyOf = (sessionId: string): string => `${prefix}session:${sessionId}`;

  return {
    status: guard.status,

    async put(record, now) {
      const { sessionId, status, idleTimeoutSeconds, expiresAt } = record;
      const ttlMs = Math.max(1, Date.parse(expiresAt) + keptAfterExpiryMs - now.getTime());
      const revision = String(record.revision);
      const text = JSON.stringify({ ...record, revision });
      await guard.run(() =>
        putSession(keyOf(sessionId), revision, text, status, idleTimeoutSeconds * 1000, now.getTime(), ttlMs),
      );
    },

    async use(sessionId, now) {
      const found = usedSchema.parse(await guard.run(() => useSession(keyOf(sessionId), now.getTime())));
      const record = found && recordOf(found[0]);
      if (!record) return undefined;
      return { record, lastUsedAt: new Date(found[1] === null ? record.startedAt : Number(found[1])) };
    },

    async lastUsed(sessionIds) {
      if (sessionIds.length === 0) return new Map();
      const commands = sessionIds.map((sessionId) => ['hget', keyOf(sessionId), 'usedAt']);
      const answers = await guard.run(() => answersOf(redis.pipeline(commands)));
      return new Map(
        sessionIds.flatMap((sessionId, index): [string, Date][] => {
          const usedAt = answers[index];
          return typeof usedAt === 'string' ? [[sessionId, new Date(Number(usedAt))]] : [];
        }),
      );
    },
  };
}

/** One failure fails them all. */
async function answersOf(pipeline: ChainableCommander): Promise<unknown[]> {
  return ((await pipeline.exec()) ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}

/** `undefined` for what another release wrote in another shape: the caller then reads the stream. */
function recordOf(text: string): SessionRecord | undefined {
  const parsed = recordSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return undefined;
  const { endedAt, ...record } = parsed.data;
  return { ...record, ...(endedAt !== undefined && { endedAt }) };
}
