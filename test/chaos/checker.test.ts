import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findings } from './checker.ts';
import { runIn } from './kept.ts';
import { planted } from './planted.ts';

/** A run as `CHAOS_KEEP` writes it. */
const { events, record } = runIn(readFileSync(new URL('./recorded-run.ndjson', import.meta.url), 'utf8'));

test('a recorded run with faults in everything it stood on is flawless', () => {
  expect(events.length).toBeGreaterThan(200);
  expect(record.deeds.length).toBeGreaterThan(50);
  expect(record.deeds.flatMap(({ attempts }) => attempts).some(({ status }) => status === null)).toBe(true);
  expect(findings(events, record)).toEqual([]);
});

describe('what is planted into it is found, and called by its name', () => {
  test.each(planted(events, record))('$what: $kind', ({ kind, events: changedEvents, record: changedRecord }) => {
    const found = findings(changedEvents, changedRecord);
    expect(found.map((finding) => finding.kind)).toContain(kind);
    for (const { about } of found) expect(about).not.toBe('');
  });
});

test('an oddity that a client met is a finding', () => {
  expect(findings(events, { ...record, oddities: ['login 1 shows no team'] })).toEqual([
    { kind: 'odd answer', about: 'login 1 shows no team' },
  ]);
});
