import { writeFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { findings } from './checker.ts';
import { keptRun } from './kept.ts';
import { growing } from './memory.ts';
import { planted } from './planted.ts';
import { chaosRun, type ChaosResult } from './run.ts';
import { said, summary } from './say.ts';

/** `CHAOS_SEED` repeats one order of misfortunes; else there are `CHAOS_SEEDS` of them from a new one on. */
const given = process.env['CHAOS_SEED'];
const first = given === undefined ? Date.now() % 1_000_000 : Number(given);
const count = given === undefined ? Number(process.env['CHAOS_SEEDS'] ?? 20) : 1;
const seconds = Number(process.env['CHAOS_SECONDS'] ?? 30);
/** Of a run to look at afterwards. */
const file = process.env['CHAOS_KEEP'];
const people = Number(process.env['CHAOS_PEOPLE'] ?? 30);

/** Of each seed; none where a run did not come to its end. */
const results = new Map<number, ChaosResult | undefined>();

test.each(Array.from({ length: count }, (_, number) => first + number))('CHAOS_SEED=%i', async (seed) => {
  const options = { seed, seconds, people };
  process.stdout.write(`CHAOS_SEED=${seed} begins\n`);
  results.set(seed, undefined);
  const result = await chaosRun(options);
  results.set(seed, result);
  process.stdout.write(said(options, result));
  if (file !== undefined) await writeFile(file, keptRun(result.events, result.record));
  expect(result.found).toEqual([]);
  expect(result.tables).toEqual([]);
  expect(growing(result.memory)).toEqual([]);
  // The same checker sees what is wrong, in this very run.
  for (const { kind, events, record } of planted(result.events, result.record)) {
    expect(findings(events, record).map((finding) => finding.kind)).toContain(kind);
  }
});

afterAll(() => {
  process.stdout.write(summary(results));
});
