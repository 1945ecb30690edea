import { expect, it } from 'vitest';
import { waitingLine } from '../../src/api/waiting-line.ts';

it('lets in who came last, and nobody twice', () => {
  const line = waitingLine<string>(() => true);
  line.join('first');
  line.look();
  line.join('second');
  line.join('third');
  expect(line.length()).toBe(3);
  expect([line.next(), line.next(), line.next(), line.next()]).toEqual(['third', 'second', 'first', undefined]);
});

it('ends the wait of each at the second look', () => {
  const line = waitingLine<string>(() => true);
  line.join('first');
  expect(line.look()).toEqual([]);
  line.join('second');
  expect(line.look()).toEqual(['first']);
  expect(line.look()).toEqual(['second']);
  expect(line.look()).toEqual([]);
  expect(line.length()).toBe(0);
});

it('forgets who has hung up', () => {
  const gone = new Set<string>();
  const line = waitingLine<string>((request) => !gone.has(request));
  for (const request of ['first', 'second', 'third']) line.join(request);
  gone.add('third');
  expect(line.next()).toBe('second');
  gone.add('first');
  line.look();
  expect(line.look()).toEqual([]);
});
