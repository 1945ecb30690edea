import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { logLines } from '../../src/composition/log-lines.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function kept() {
  const written: string[] = [];
  let flushed = 0;
  const lines = logLines({ write: (text) => written.push(text), flushSync: () => (flushed += 1) });
  return { written, lines, flushed: () => flushed };
}

it('writes the lines of a moment together, in their order', () => {
  const { written, lines } = kept();
  lines.write('one\n');
  lines.write('two\n');
  expect(written).toEqual([]);
  vi.advanceTimersByTime(50);
  lines.write('three\n');
  vi.advanceTimersByTime(50);
  expect(written).toEqual(['one\ntwo\n', 'three\n']);
});

it('does not wait when there is much to write', () => {
  const { written, lines } = kept();
  const line = `${'x'.repeat(8191)}\n`;
  lines.write(line);
  lines.write(line);
  lines.write('rest\n');
  expect(written).toEqual([line + line]);
});

it('writes everything at once when the process ends', () => {
  const { written, lines, flushed } = kept();
  lines.write('the last\n');
  lines.flushSync();
  expect(written).toEqual(['the last\n']);
  expect(flushed()).toBe(1);
  vi.advanceTimersByTime(50);
  expect(written).toHaveLength(1);
});
