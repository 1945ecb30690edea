import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Measurement } from '../bench.ts';
import { failuresIn, processorOf } from '../bench.ts';
import { ours } from '../fixture.ts';
import type { Outcome } from '../load/job.ts';
import type { Measured } from '../load/load-client.ts';
import { row } from '../row.ts';
import { ascending, median, quantile, rounded, spread } from '../statistics.ts';
import { freshSessions, refreshSteps } from './refresh.ts';

const events = 300;

/** `[milliseconds since 1970, position]`, as the read model showed it. */
type Sighting = readonly [number, bigint];

/** How long a reader waits for what was just acknowledged. */
export const visible: Measurement = {
  name: 'visible',
  run: async (bench) => {
    const { service, people } = await ours(bench);
    let lanes = await freshSessions(bench, service.apiUrl, people);
    const rounds: { p50: number; p95: number; p99: number }[] = [];
    const outcomes: Measured[] = [];
    for (let n = 0; n <= bench.size.rounds; n += 1) {
      const watch = watchAuditLog(service.installation.databaseUrl);
      const outcome = await bench.load.run({
        url: service.apiUrl,
        steps: refreshSteps,
        lanes,
        pace: { kind: 'open', seconds: bench.size.seconds, perSecond: events },
        positions: true,
      });
      lanes = outcome.lanes;
      const last = outcome.positions.reduce(
        (most, [position]) => (BigInt(position) > most ? BigInt(position) : most),
        0n,
      );
      const waits = ascending(waitsOf(outcome.positions, await watch.until(last)));
      rounds.push({ p50: quantile(waits, 0.5), p95: quantile(waits, 0.95), p99: quantile(waits, 0.99) });
      outcomes.push(outcome);
    }
    const measured = rounds.slice(1);
    const at = (name: 'p50' | 'p95' | 'p99') => median(measured.map((round) => round[name]));
    const [p50, p95, p99] = [at('p50'), at('p95'), at('p99')];
    return [
      row(
        {
          name: `acknowledged to visible in the audit log at ${events} events/s, p50`,
          unit: 'ms',
          ours: p50,
          note: `p95 ${rounded(p95)} ms, p99 ${rounded(p99)} ms; ${spread(measured.map((round) => round.p50))}; refreshes, looked at each millisecond${failuresIn(outcomes)}`,
          because: processorOf(outcomes.slice(1)),
        },
        'p50 ≤ 10 ms, p95 ≤ 50 ms, p99 ≤ 100 ms',
        () => p50 <= 10 && p95 <= 50 && p99 <= 100,
      ),
    ];
  },
};

function watchAuditLog(databaseUrl: string) {
  const sightings: Sighting[] = [];
  let wanted: bigint | undefined;
  const watching = (async () => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const query = {
      name: 'position',
      text: 'select position from engine.projection_checkpoint where name = $1 and active',
      values: ['audit_log'],
    };
    for (let seen = -1n; wanted === undefined || seen < wanted;) {
      const { rows } = await client.query<{ position: string | null }>(query);
      const position = BigInt(rows[0]?.position ?? 0);
      if (position > seen) sightings.push([performance.timeOrigin + performance.now(), position]);
      seen = position;
      await pause(1);
    }
    await client.end();
    return sightings;
  })();
  return {
    /** Everything seen, once it shows this position. */
    until: (position: bigint) => {
      wanted = position;
      return watching;
    },
  };
}

/** Milliseconds from each acknowledgement until its position was shown; 0 where it was there before. */
export function waitsOf(positions: Outcome['positions'], sightings: readonly Sighting[]): number[] {
  const acknowledged = positions.map(([position, at]) => [BigInt(position), at] as const);
  acknowledged.sort(([a], [b]) => (a < b ? -1 : 1));
  let next = 0;
  return acknowledged.map(([position, at]) => {
    while ((sightings[next]?.[1] ?? position) < position) next += 1;
    return Math.max(0, (sightings[next]?.[0] ?? at) - at);
  });
}
