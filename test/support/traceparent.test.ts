import { expect, it } from 'vitest';
import { readTraceparent, writeTraceparent } from '../../src/adapters/traceparent.ts';

const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];

it.each([`00-${trace}-${span}-01`, `00-${trace}-${span}-00`])('gives back %s', (text) => {
  const read = readTraceparent(text);
  expect(read && writeTraceparent(read)).toBe(text);
});

it('reads what it knows of a newer version', () => {
  expect(readTraceparent(`cc-${trace}-${span}-03-more`)).toMatchObject({ traceId: trace, spanId: span, traceFlags: 1 });
});

it.each([
  undefined,
  '',
  `ff-${trace}-${span}-01`,
  `00-${trace}-${span}-01-more`,
  `00-${trace.toUpperCase()}-${span}-01`,
  `00-${'0'.repeat(32)}-${span}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `00-${trace}-${span}`,
])('reads nothing from %s', (text) => {
  expect(readTraceparent(text)).toBeUndefined();
});
