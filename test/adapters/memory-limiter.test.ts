import { describe, expect, it } from 'vitest';
import { MemoryLimiter } from '../../src/adapters/memory-limiter.ts';

const limit = { keyPrefix: 'limit', points: 2, duration: 3600 };
const usedOf = async (limiter: MemoryLimiter, key: string) => (await limiter.get(key))?.consumedPoints ?? 0;

describe('what one process counts by itself', () => {
  it('is kept for so many keys: who was counted longest ago makes room', async () => {
    const limiter = new MemoryLimiter(limit, 3);
    for (const key of ['ann', 'bob', 'cat', 'ann', 'dan']) await limiter.consume(key);
    expect(await Promise.all(['ann', 'bob', 'cat', 'dan'].map((key) => usedOf(limiter, key)))).toEqual([2, 0, 1, 1]);
  });

  it('holds back whoever goes on, however many others come', async () => {
    const limiter = new MemoryLimiter(limit, 3);
    await limiter.consume('ann');
    await limiter.consume('ann');
    for (let other = 0; other < 50; other += 1) {
      await limiter.consume(`other-${String(other)}`);
      await expect(limiter.consume('ann')).rejects.toMatchObject({ remainingPoints: 0 });
    }
  });

  it('does not grow by what is given back', async () => {
    const limiter = new MemoryLimiter(limit, 3);
    for (const key of ['ann', 'bob', 'cat', 'dan']) await limiter.reward(key);
    expect(await usedOf(limiter, 'ann')).toBe(0);
    expect(await usedOf(limiter, 'dan')).toBe(-1);
  });
});
