import type { Redis } from 'ioredis';
import type { Verdicts } from '../application/verdicts.ts';

interface Options {
  readonly redis: Redis;
  /** For nothing but listening; connects when somebody listens for the first time. */
  readonly listener: Redis;
  readonly prefix: string;
}

/** By publish and subscribe: at most once, and to nobody while Redis is away. */
export function redisVerdicts({ redis, listener, prefix }: Options): Verdicts {
  const channel = `${prefix}verdicts`;
  const ears = new Map<string, Set<() => void>>();
  let isListening = false;

  /** A subscription is made again by the client after each reconnection. */
  function beginListening(): void {
    if (isListening) return;
    isListening = true;
    listener.on('message', (_channel, loginId: string) => {
      for (const heard of ears.get(loginId) ?? []) heard();
    });
    listener.subscribe(channel).catch(() => {
      isListening = false;
      listener.removeAllListeners('message');
    });
  }

  return {
    announce(loginId) {
      redis.publish(channel, loginId).catch(() => undefined);
    },

    listen(loginId, heard) {
      beginListening();
      const known = ears.get(loginId) ?? new Set();
      ears.set(loginId, known.add(heard));
      return () => {
        known.delete(heard);
        if (known.size === 0) ears.delete(loginId);
      };
    },
  };
}
