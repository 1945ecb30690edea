import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Runs Lua on one key, or on several, in one step; the text goes over the wire only when the server does not know it yet. */
export function redisScript(
  redis: Redis,
  lua: string,
): (keys: string | readonly string[], ...args: readonly (string | number)[]) => Promise<unknown> {
  const sha1 = createHash('sha1').update(lua).digest('hex');
  return async (given, ...args) => {
    const keys = typeof given === 'string' ? [given] : given;
    try {
      return await redis.evalsha(sha1, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return redis.eval(lua, keys.length, ...keys, ...args);
    }
  };
}
