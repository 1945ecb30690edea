import { expect, it } from 'vitest';
import type { Recorded } from '../../src/application/ports.ts';
import type { Tracing } from '../../src/application/tracing.ts';
import { traceBatch } from '../../src/projections/trace-batch.ts';

type Recording = Parameters<Tracing['record']>;

/** The `n`-th span of a trace. */
const at = (trace: string, n: number) => `00-${trace.repeat(32)}-${String(n).repeat(16)}-01`;

function recordings(...traceparents: (string | undefined)[]): Recording[] {
  const made: Recording[] = [];
  const tracing = { record: (...given: Recording) => made.push(given) } as unknown as Tracing;
  const events = traceparents.map((traceparent) => ({ context: traceparent ? { traceparent } : {} }) as Recorded);
  traceBatch(tracing, 'users', { events, position: 9n, eventPosition: 9n, seen: events.length, caughtUp: true }, 17);
  return made;
}

it('makes one span in each trace that the batch has events of, linked to where else in it they come from', () => {
  const made = recordings(at('a', 1), at('b', 1), undefined, at('a', 2), at('a', 1));
  expect(made.map(([parent, { links, attributes }]) => ({ parent, links, attributes }))).toEqual([
    { parent: at('a', 1), links: [at('a', 2)], attributes: { 'mbauth.projection': 'users', 'mbauth.events': 3 } },
    { parent: at('b', 1), links: [], attributes: { 'mbauth.projection': 'users', 'mbauth.events': 1 } },
  ]);
  expect(made.map(([, { name }, startedAt]) => [name, startedAt])).toEqual([
    ['project users', 17],
    ['project users', 17],
  ]);
});

it('makes none for events of no trace', () => {
  expect(recordings(undefined, undefined)).toEqual([]);
});
