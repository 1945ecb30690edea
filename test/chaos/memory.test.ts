import { expect, test } from 'vitest';
import { growing } from './memory.ts';

/** One sample a second, of a process that takes `at(second)` MiB. */
const sampled = (at: (second: number) => number) => [
  { target: 'api' as const, samples: Array.from({ length: 900 }, (_, second) => at(second)) },
];

/** What a collector leaves to be collected, between two collections. */
const breath = (second: number) => 30 * ((second % 20) / 20);

test('a process that goes on growing is found, with its sizes', () => {
  expect(growing(sampled((second) => 150 + second * 0.1 + breath(second)))).toEqual([
    expect.stringMatching(/^api: \d+(\.\d+)? → \d+(\.\d+)? → \d+(\.\d+)? MiB$/),
  ]);
});

test('one that warms up and then breathes is not', () => {
  expect(growing(sampled((second) => 190 - 100 * Math.exp(-second / 60) + breath(second)))).toEqual([]);
  expect(growing(sampled(breath))).toEqual([]);
});

test('nor one that did not live long enough to tell', () => {
  expect(growing([{ target: 'worker', samples: Array.from({ length: 200 }, (_, second) => second) }])).toEqual([]);
});
