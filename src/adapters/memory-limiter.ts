import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** Of one limit; with a timer each they take some five megabytes. */
const keysKept = 10_000;

interface Limited {
  readonly keyPrefix: string;
  readonly points: number;
  readonly duration: number;
}

/**
 * Counts in the memory of this process, for so many keys: a crowd of addresses in a long outage does not fill it. Who was
 * counted longest ago makes room, and begins at zero again; whoever goes on stays.
 */
export class MemoryLimiter extends RateLimiterMemory {
  readonly #keys = new Set<string>();
  readonly #most: number;

  constructor(limit: Limited, most = keysKept) {
    super(limit);
    this.#most = most;
  }

  override consume(key: string): Promise<RateLimiterRes> {
    this.#makeRoomFor(key);
    return super.consume(key);
  }

  override reward(key: string): Promise<RateLimiterRes> {
    this.#makeRoomFor(key);
    return super.reward(key);
  }

  #makeRoomFor(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    const [oldest] = this.#keys;
    if (this.#keys.size <= this.#most || oldest === undefined) return;
    this.#keys.delete(oldest);
    void this.delete(oldest);
  }
}
