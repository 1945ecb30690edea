import type { ChainableCommander, Redis } from 'ioredis';
import { z } from 'zod';

import type { SessionRecord } from '../application/ports.ts';
import type { SessionCache, UsedSession } from '../application/session-cache.ts';
import type { OutageGuard } from './outage-guard.ts';
import { redisCircuit } from './redis-circuit.ts';
import { redisScript } from './redis-script.ts';
import { putEpochScript, putScript, useScript } from './redis-session-scripts.ts';
import type { RedisTrust } from './redis-trust.ts';

/** How long an ended session can still say why it ended. */
const keptAfterExpiryMs = 24 * 60 * 60 * 1000;
/** A team that nobody has used for so long is read from its stream again. */
const epochKeptMs = 7 * 24 * 60 * 60 * 1000;

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

const usedSchema = z.tuple([z.string(), z.string().nullable(), z.number(), z.string().nullable()]).nullable();

interface Options {
  redis: Redis;
  prefix: string;
  trust: RedisTrust;
}

export function redisSessions({ redis, prefix, trust }: Options): SessionCache & {
  status: OutageGuard['status'];
  ping(): Promise<unknown>;
} {
  const guard = redisCircuit(redis);
  const putSession = redisScript(redis, putScript);
  const putEpoch = redisScript(redis, putEpochScript);
  const useSession = redisScript(redis, useScript);
  const keyOf = (sessionId: string): string => `${prefix}session:${sessionId}`;
  const teamKeyOf = (teamId: string): string => `${prefix}team:${teamId}`;

  async function ask<Answered>(command: () => Promise<Answered>): Promise<Answered> {
    try {
      return await guard.run(command);
    } catch (error) {
      trust.lost();
      throw error;
    }
  }

  return {
    status: guard.status,
    ping: () => ask(() => redis.ping()),

    async put(record, now) {
      const { sessionId, status, idleTimeoutSeconds, expiresAt } = record;
      const ttlMs = Math.max(1, Date.parse(expiresAt) + keptAfterExpiryMs - now.getTime());
      const revision = String(record.revision);
      const content = [JSON.stringify({ ...record, revision }), status, idleTimeoutSeconds * 1000, now.getTime()];
      await ask(() => putSession([keyOf(sessionId), trust.key], revision, ttlMs, ...content));
    },

    async putTeamEpoch(teamId, revision) {
      await ask(() => putEpoch([teamKeyOf(teamId), trust.key], String(revision), epochKeptMs));
    },

    async use({ sessionId, teamId }, now) {
      const keys = [keyOf(sessionId), teamKeyOf(teamId), trust.key];
      const found = usedSchema.parse(await ask(() => useSession(keys, now.getTime())));
      return found === null ? undefined : usedOf(found, trust.suspects());
    },

    async lastUsed(sessionIds) {
      if (sessionIds.length === 0) return new Map();
      const commands = sessionIds.map((sessionId) => ['hget', keyOf(sessionId), 'usedAt']);
      return usesOf(sessionIds, await ask(() => answersOf(redis.pipeline(commands))));
    },
  };
}

type Found = NonNullable<z.infer<typeof usedSchema>>;

function usedOf([text, usedAt, isTrusted, epoch]: Found, suspects: boolean): UsedSession | undefined {
  const record = recordOf(text);
  if (!record) return undefined;
  return {
    record,
    lastUsedAt: new Date(usedAt === null ? record.startedAt : Number(usedAt)),
    isTrusted: isTrusted === 1 && !suspects,
    teamEpoch: epoch === null || suspects ? 'unknown' : BigInt(epoch),
  };
}

const usesOf = (sessionIds: readonly string[], answers: readonly unknown[]): Map<string, Date> =>
  new Map(
    sessionIds.flatMap((sessionId, index): [string, Date][] => {
      const usedAt = answers[index];
      return typeof usedAt === 'string' ? [[sessionId, new Date(Number(usedAt))]] : [];
    }),
  );

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
