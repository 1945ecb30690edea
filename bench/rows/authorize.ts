import type { Measurement } from '../bench.ts';
import { connections, failuresIn, interleaved, medianOf, perSecond, processorOf } from '../bench.ts';
import { lanesOf, ours, peerLanes, theirs } from '../fixture.ts';
import type { Step } from '../load/job.ts';
import { peerSteps } from '../peer.ts';
import { row } from '../row.ts';
import { median, rounded, spread } from '../statistics.ts';

export const authorizeSteps: readonly Step[] = [
  {
    method: 'POST',
    path: '/v1/authorize',
    headers: { authorization: 'Bearer {{accessToken}}' },
    body: JSON.stringify({ permissions: ['site.create'] }),
    expect: 200,
  },
];

export const authorize: Measurement = {
  name: 'authorize',
  run: async (bench) => {
    const { service, people } = await ours(bench);
    const other = await theirs(bench);
    const pace = { kind: 'closed', seconds: bench.size.seconds } as const;
    const { url } = other.peer;
    const closed = await interleaved(bench, {
      ours: () => ({ url: service.apiUrl, steps: authorizeSteps, lanes: lanesOf(people), pace }),
      theirs: () => ({ url, steps: peerSteps(url).permission, lanes: peerLanes(other.people), pace }),
    });
    const figures = perSecond(closed.ours);
    const p99 = medianOf(closed.ours, ({ latency }) => latency.p99);
    return [
      row(
        {
          name: `authorize, c=${connections}`,
          unit: '/s',
          ours: median(figures),
          against: { what: `${bench.peerName} has-permission`, figure: median(perSecond(closed.theirs)) },
          note: `${spread(figures)}; p99 ${rounded(p99)} ms; both: one permission, in the team of the session${failuresIn(closed.ours)}`,
          because: processorOf(closed.ours),
        },
        '≥ 20 × the peer',
        (_ours, ratio) => ratio >= 20,
      ),
    ];
  },
};
