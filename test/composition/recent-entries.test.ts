import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recentEntries, weightOf, type Placed } from '../../src/composition/recent-entries.ts';

type Entry = Placed<{ text: string }>;

const entriesOf = (sizes: readonly number[]): Entry[] =>
  sizes.map((size, index) => ({
    kind: 'event',
    recorded: { text: 'x'.repeat(size) },
    // With gaps, as of a log that others write to as well.
    position: BigInt(10 + 3 * index),
  }));

const kept = (recent: ReturnType<typeof recentEntries<{ text: string }>>, added: number): Entry[] => {
  const found: Entry[] = [];
  for (let number = 0; number < added; number += 1) {
    const entry = recent.at(number);
    if (entry === 'gone') expect(found).toEqual([]);
    else if (entry) found.push(entry);
  }
  expect(recent.at(added)).toBeUndefined();
  return found;
};

it('keeps the newest within its limits, and says where to go on only where nothing is missing', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 40 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 100, max: 4000 }), (all, count, bytes) => {
      const recent = recentEntries<{ text: string }>(9n, { entries: count, bytes });
      const added: Entry[] = [];
      for (const entry of entriesOf(all)) {
        recent.add(entry);
        added.push(entry);
        const here = kept(recent, added.length);
        expect(here).toEqual(added.slice(added.length - here.length));
        expect(here.length).toBeLessThanOrEqual(count);
        expect(here.reduce((sum, one) => sum + weightOf(one), 0)).toBeLessThanOrEqual(bytes);
        for (let position = 8n; position <= entry.position + 2n; position += 1n) {
          const next = recent.after(position);
          if (next === undefined) continue;
          expect(position).toBeGreaterThanOrEqual(9n);
          expect(recent.at(next)).not.toBe('gone');
          expect(added.slice(next)).toEqual(added.filter((one) => one.position > position));
        }
        expect(recent.after(entry.position)).toBe(added.length);
      }
    }),
  );
});

it('begins before the first position there is', () => {
  const recent = recentEntries<{ text: string }>('start', { entries: 2, bytes: 1000 });
  expect(recent.after('start')).toBe(0);
  recent.add({ kind: 'checkpoint', position: 0n });
  expect(recent.after('start')).toBe(0);
  expect(recent.after(0n)).toBe(1);
});

it('lets nobody begin in the older half once something has been pushed out', () => {
  const recent = recentEntries<{ text: string }>('start', { entries: 4, bytes: 10_000 });
  for (const entry of entriesOf([0, 0, 0, 0, 0])) recent.add(entry);
  // 13, 16, 19 and 22 are here.
  expect([10n, 13n, 15n, 16n, 22n].map((position) => recent.after(position))).toEqual([
    undefined,
    undefined,
    undefined,
    3,
    5,
  ]);
});
