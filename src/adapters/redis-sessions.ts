import type { ChainableCommander, Redis } from 'ioredis';
import { z } from 'zod';

import type { SessionRecord } from '../application/ports.ts';
import type { SessionCache, UsedSession } from '../application/session-cache.ts';
import { gathered } from './gathered.ts';
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

/** In one step of Redis, so that others do not wait for long. */
const usesAtOnce = 64;
/** Copies whose text is known; about a kilobyte each. */
const recordsKept = 5000;

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
  const { keyOf, teamKeyOf } = keysUnder(prefix);
  const use = usesTogether({ redis, prefix, trust });
  const recordIn = rememberedRecords();

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
      const found = await ask(() => use({ sessionId, teamId, now }));
      const record = found.text === null ? undefined : recordIn(sessionId, found.text);
      return record && usedOf(record, found, trust.suspects());
    },

    async lastUsed(sessionIds) {
      if (sessionIds.length === 0) return new Map();
      const commands = sessionIds.map((sessionId) => ['hget', keyOf(sessionId), 'usedAt']);
      return usesOf(sessionIds, await ask(() => answersOf(redis.pipeline(commands))));
    },
  };
}

interface Use {
  readonly sessionId: string;
  readonly teamId: string;
  readonly now: Date;
}

interface Found {
  readonly text: string | null;
  readonly usedAt: string | null;
  readonly isTrusted: boolean;
  readonly epoch: string | null;
}

const keysUnder = (prefix: string) => ({
  keyOf: (sessionId: string): string => `${prefix}session:${sessionId}`,
  teamKeyOf: (teamId: string): string => `${prefix}team:${teamId}`,
});

function usesTogether({ redis, prefix, trust }: Options): (use: Use) => Promise<Found> {
  const useSessions = redisScript(redis, useScript);
  const { keyOf, teamKeyOf } = keysUnder(prefix);
  return gathered(usesAtOnce, async (all) => {
    const keys = all.flatMap(({ sessionId, teamId }) => [keyOf(sessionId), teamKeyOf(teamId)]);
    return usesIn(await useSessions([trust.key, ...keys], ...all.map(({ now }) => now.getTime())), all.length);
  });
}

const usedOf = (record: SessionRecord, { usedAt, isTrusted, epoch }: Found, suspects: boolean): UsedSession => ({
  record,
  lastUsedAt: new Date(usedAt === null ? record.startedAt : Number(usedAt)),
  isTrusted: isTrusted && !suspects,
  teamEpoch: epoch === null || suspects ? 'unknown' : BigInt(epoch),
});

/** As the script lays them out. */
function usesIn(answers: unknown, count: number): Found[] {
  if (!Array.isArray(answers) || answers.length !== 4 * count) throw new Error('Redis did not answer each session.');
  const all = answers as (string | number | null)[];
  return Array.from({ length: count }, (_, n) => ({
    text: textOrNull(all[4 * n]),
    usedAt: textOrNull(all[4 * n + 1]),
    isTrusted: all[4 * n + 2] === 1,
    epoch: textOrNull(all[4 * n + 3]),
  }));
}

const textOrNull = (value: string | number | null | undefined): string | null =>
  typeof value === 'string' ? value : null;

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

/** What a text says is found out once for as long as Redis answers the same text; which one that is, it says each time. */
function rememberedRecords(): (sessionId: string, text: string) => SessionRecord | undefined {
  const known = new Map<string, { readonly text: string; readonly record: SessionRecord }>();
  return (sessionId, text) => {
    const remembered = known.get(sessionId);
    if (remembered?.text === text) return remembered.record;
    const record = recordOf(text);
    if (record !== undefined) known.set(sessionId, { text, record });
    const [oldest] = known.keys();
    if (known.size > recordsKept && oldest !== undefined) known.delete(oldest);
    return record;
  };
}

/** `undefined` for what another release wrote in another shape: the caller then reads the stream. */
function recordOf(text: string): SessionRecord | undefined {
  const parsed = recordSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return undefined;
  const { endedAt, ...record } = parsed.data;
  return { ...record, ...(endedAt !== undefined && { endedAt }) };
}
