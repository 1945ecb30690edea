import { expect, it } from 'vitest';
import { recentlyUsed } from '../../src/application/recently-used.ts';

it('keeps what is used again, and drops what is not, with room for so many', () => {
  const recent = recentlyUsed<number>(4);
  for (let n = 0; n < 10; n += 1) {
    recent.set(`key-${String(n)}`, n);
    expect(recent.get('key-0')).toBe(0);
  }
  const left = Array.from({ length: 10 }, (_, n) => recent.get(`key-${String(n)}`)).filter(
    (found) => found !== undefined,
  );
  expect(left).toContain(0);
  expect(left.length).toBeLessThanOrEqual(4);
});

it('gives the value that was set last', () => {
  const recent = recentlyUsed<string>(4);
  recent.set('a', 'old');
  recent.set('b', 'other');
  recent.set('a', 'new');
  expect(recent.get('a')).toBe('new');
  expect(recent.get('c')).toBeUndefined();
});
