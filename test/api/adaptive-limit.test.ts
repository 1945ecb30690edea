import { describe, expect, it } from 'vitest';
import { adaptiveLimit } from '../../src/api/adaptive-limit.ts';
import type { LoopLoad } from '../../src/api/loop-load.ts';

const idle: LoopLoad = { lateMs: 0, busy: 0.1 };
const late: LoopLoad = { lateMs: 200, busy: 0.5 };
/** In time, but with nothing left to begin more with. */
const busy: LoopLoad = { lateMs: 5, busy: 0.95 };

describe('how much is begun at once', () => {
  it('shrinks while the event loop is late, never below what keeps a process busy', () => {
    const limit = adaptiveLimit();
    expect(limit.now()).toBe(250);
    limit.adapt(late, 100);
    expect(limit.now()).toBe(80);
    for (let look = 1; look <= 20; look += 1) limit.adapt(late, limit.now());
    expect(limit.now()).toBe(24);
  });

  it('shrinks while the event loop has no time left, but not to so little that a few have to wait', () => {
    const limit = adaptiveLimit();
    for (let look = 1; look <= 20; look += 1) limit.adapt(busy, limit.now());
    expect(limit.now()).toBe(64);
    for (let look = 1; look <= 20; look += 1) limit.adapt({ lateMs: 5, busy: 0.8 }, 20);
    expect(limit.now()).toBe(64);
    for (let look = 1; look <= 20; look += 1) limit.adapt(late, limit.now());
    limit.adapt(busy, 24);
    expect(limit.now()).toBe(24);
  });

  it('shrinks while answers are slow, and takes no notice of a single one', () => {
    const limit = adaptiveLimit();
    limit.answered(60_000);
    limit.adapt(idle, 100);
    expect(limit.now()).toBe(250);
    for (let answer = 1; answer <= 50; answer += 1) limit.answered(400);
    limit.adapt(idle, 100);
    expect(limit.now()).toBe(80);
    for (let answer = 1; answer <= 50; answer += 1) limit.answered(50);
    limit.adapt(idle, 80);
    expect(limit.now()).toBe(84);
  });

  it('grows again only as far as it is asked for', () => {
    const limit = adaptiveLimit();
    limit.adapt(late, 50);
    for (let look = 1; look <= 20; look += 1) limit.adapt(idle, 30);
    expect(limit.now()).toBe(40);
    for (let look = 1; look <= 100; look += 1) limit.adapt(idle, limit.now());
    expect(limit.now()).toBe(250);
  });
});
