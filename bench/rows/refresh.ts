import type { Bench, Measurement } from '../bench.ts';
import { connections, failuresIn, medianOf, perSecond, processorOf } from '../bench.ts';
import { lanesOf, ours } from '../fixture.ts';
import type { Lane, Step } from '../load/job.ts';
import type { Measured } from '../load/load-client.ts';
import { loginSteps, type Person } from '../people.ts';
import { row } from '../row.ts';
import { median, rounded, spread } from '../statistics.ts';

export const refreshSteps: readonly Step[] = [
  {
    method: 'POST',
    path: '/v1/sessions/refresh',
    body: JSON.stringify({ refreshToken: '{{refreshToken}}' }),
    expect: 200,
    capture: { refreshToken: 'refreshToken' },
  },
];

/** Refresh tokens are good once: each round goes on with those of the round before. */
export const refresh: Measurement = {
  name: 'refresh',
  run: async (bench) => {
    const { service, people } = await ours(bench);
    let lanes = await freshSessions(bench, service.apiUrl, people);
    const round = async (seconds: number): Promise<Measured> => {
      const pace = { kind: 'closed', seconds } as const;
      const outcome = await bench.load.run({ url: service.apiUrl, steps: refreshSteps, lanes, pace });
      lanes = outcome.lanes;
      return outcome;
    };
    await round(bench.size.warmUpSeconds);
    const rounds: Measured[] = [];
    for (let n = 0; n < bench.size.rounds; n += 1) rounds.push(await round(bench.size.seconds));
    const figures = perSecond(rounds);
    const p95 = medianOf(rounds, ({ latency }) => latency.p95);
    return [
      row(
        {
          name: `refresh, c=${connections}`,
          unit: '/s',
          ours: median(figures),
          note: `${spread(figures)}; p95 ${rounded(p95)} ms; rotated and durable, one process${failuresIn(rounds)}`,
          because: processorOf(rounds),
        },
        '≥ 500/s, p95 ≤ 100 ms',
        (value) => value >= 500 && p95 <= 100,
      ),
    ];
  },
};

/** A session for each person that nothing else in the run uses. */
export async function freshSessions(bench: Bench, url: string, people: readonly Person[]): Promise<readonly Lane[]> {
  const pace = { kind: 'each', times: 1 } as const;
  return (await bench.load.run({ url, steps: loginSteps, lanes: lanesOf(people), pace, patient: true })).lanes;
}
