import type { Measurement } from '../bench.ts';
import { failuresIn, interleaved, medianOf, processorOf } from '../bench.ts';
import { lanesOf, ours } from '../fixture.ts';
import { loginSteps } from '../people.ts';
import { row } from '../row.ts';
import { rounded, spread } from '../statistics.ts';

const logins = 10;

/** A login but for the hash: what the service itself adds to it. */
export const loginLatency: Measurement = {
  name: 'login-latency',
  run: async (bench) => {
    const { service, people } = await ours(bench);
    const pace = { kind: 'open', seconds: bench.size.seconds, perSecond: logins } as const;
    const job = { url: service.apiUrl, steps: loginSteps, lanes: lanesOf(people.slice(0, 8)), pace };
    const { login } = await interleaved(bench, { login: () => job });
    const p50 = medianOf(login, ({ latency }) => latency.p50);
    const p95 = medianOf(login, ({ latency }) => latency.p95);
    const figures = login.map(({ latency }) => latency.p50);
    return [
      row(
        {
          name: 'login but for the hash, p50',
          unit: 'ms',
          ours: p50,
          note: `p95 ${rounded(p95)} ms; ${spread(figures)}; cost 4, ${logins} a second, open loop; password, place and team, durable${failuresIn(login)}`,
          because: processorOf(login),
        },
        'p50 ≤ 12 ms, p95 ≤ 25 ms',
        () => p50 <= 12 && p95 <= 25,
      ),
    ];
  },
};
