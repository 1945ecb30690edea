import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';

import type { Limit, Limits } from '../application/limits.ts';
import { networkOf } from './client-network.ts';
import { MemoryLimiter } from './memory-limiter.ts';
import { redisCircuit } from './redis-circuit.ts';

const hourSeconds = 60 * 60;
const daySeconds = 24 * hourSeconds;

export type LimitName = keyof Limits;

/** Who the keys of a limit are. */
type Keyed = 'user' | 'device' | 'ip';

interface Rule {
  readonly allowed: number;
  readonly seconds: number;
  readonly by: Keyed;
}

/** What operators may set: both are times an hour. */
export interface LimitSettings {
  readonly codeMailsPerUser: number;
  readonly mailsPerIp: number;
}

const rulesOf = ({ codeMailsPerUser, mailsPerIp }: LimitSettings): Readonly<Record<LimitName, Rule>> => ({
  loginFailuresOfIp: { allowed: 20, seconds: hourSeconds, by: 'ip' },
  codeTriesOfUser: { allowed: 10, seconds: hourSeconds, by: 'user' },
  codeTriesOfUserADay: { allowed: 30, seconds: daySeconds, by: 'user' },
  codeTriesOfDevice: { allowed: 20, seconds: daySeconds, by: 'device' },
  codeMailsOfUser: { allowed: codeMailsPerUser, seconds: hourSeconds, by: 'user' },
  mailsOfIp: { allowed: mailsPerIp, seconds: hourSeconds, by: 'ip' },
});

export interface LimitMetrics {
  limitRefused(limit: string): void;
  /** Whether this process counts for itself, because Redis does not answer. */
  limitsInMemory(inMemory: boolean): void;
}

/** How a limit stands for one key; operators look at it. */
export interface LimitState {
  readonly limit: LimitName;
  readonly used: number;
  readonly allowed: number;
  readonly resetsInSeconds: number;
}

export interface OperatorLimits {
  /** Of everything that is counted for this user, device or address of a client. Throws while Redis does not answer. */
  show(by: Keyed, key: string): Promise<LimitState[]>;
  clear(by: Keyed, key: string): Promise<void>;
}

interface Options {
  redis: Redis;
  prefix: string;
  settings: LimitSettings;
  metrics: LimitMetrics;
  /** A keyed hash: addresses of people do not stand in Redis. */
  nameOf: (network: string) => string;
}

/** Counted in Redis for all processes, in the memory of this one while Redis does not answer. */
export function redisLimits(options: Options): Limits & { operator: OperatorLimits } {
  const rules = rulesOf(options.settings);
  const names = Object.keys(rules) as LimitName[];
  const limits = Object.fromEntries(names.map((name) => [name, limitOf(name, rules[name], options)]));
  return { ...(limits as unknown as Limits), operator: operatorLimits(rules, options) };
}

function limitOf(name: LimitName, rule: Rule, { redis, prefix, metrics, nameOf }: Options): Limit {
  const { shared, own } = stores(name, rule, redis, prefix);
  const circuit = redisCircuit(redis);

  /** Redis first; what it refuses is an answer, what it fails at is counted here. */
  async function counted<Result>(call: (limiter: RateLimiterAbstract) => Promise<Result>): Promise<Result> {
    try {
      const result = await circuit.run(() => call(shared));
      metrics.limitsInMemory(false);
      return result;
    } catch (error) {
      if (error instanceof RateLimiterRes) throw error;
      metrics.limitsInMemory(true);
      return call(own);
    }
  }

  const refused = (waitMs: number): number => {
    metrics.limitRefused(name);
    return secondsOf(waitMs);
  };
  const keyFor = keyOf(rule.by, nameOf);

  return {
    async take(key) {
      try {
        await counted((limiter) => limiter.consume(keyFor(key)));
        return 0;
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        return refused(error.msBeforeNext);
      }
    },
    async giveBack(key) {
      await counted((limiter) => limiter.reward(keyFor(key)));
    },
    async blockedFor(key) {
      const state = await counted((limiter) => limiter.get(keyFor(key)));
      return state === null || state.consumedPoints < rule.allowed ? 0 : refused(state.msBeforeNext);
    },
  };
}

function stores(name: LimitName, { allowed, seconds }: Rule, redis: Redis, prefix: string) {
  const limit = { keyPrefix: `${prefix}limit_${name}`, points: allowed, duration: seconds };
  return {
    shared: new RateLimiterRedis({ ...limit, storeClient: redis, rejectIfRedisNotReady: true }),
    own: new MemoryLimiter(limit),
  };
}

function operatorLimits(rules: Readonly<Record<LimitName, Rule>>, { redis, prefix, nameOf }: Options): OperatorLimits {
  const countedBy = (by: Keyed) => (Object.keys(rules) as LimitName[]).filter((name) => rules[name].by === by);
  return {
    show: (by, key) =>
      Promise.all(
        countedBy(by).map(async (limit) => {
          const state = await stores(limit, rules[limit], redis, prefix).shared.get(keyOf(by, nameOf)(key));
          const resetsInSeconds = state === null ? 0 : secondsOf(state.msBeforeNext);
          return { limit, used: state?.consumedPoints ?? 0, allowed: rules[limit].allowed, resetsInSeconds };
        }),
      ),
    async clear(by, key) {
      for (const limit of countedBy(by))
        await stores(limit, rules[limit], redis, prefix).shared.delete(keyOf(by, nameOf)(key));
    },
  };
}

const keyOf = (by: Keyed, nameOf: (network: string) => string) => (key: string) =>
  by === 'ip' ? nameOf(networkOf(key)) : key;

const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));
