import { expect, it } from 'vitest';
import { measureProofs } from '../../support/audit-bench.ts';

/** `BENCH_EVENTS=100000 npx vitest run --project integration test/projections/proof/measure.test.ts` prints figures. */
const wanted = process.env['BENCH_EVENTS'];

it('takes in, exports and verifies a log of thousands, and finds its proofs soon', { timeout: 300_000 }, async () => {
  const figures = await measureProofs(Number(wanted ?? 3000));
  if (wanted !== undefined) process.stdout.write(`${JSON.stringify(figures)}\n`);
  // Far from what is aimed at: a busy machine must not fail the test.
  expect(figures.proofP95Ms).toBeLessThan(200);
  expect(figures.exportedPerSecond).toBeGreaterThan(500);
  expect(figures.verifiedPerSecond).toBeGreaterThan(500);
});
