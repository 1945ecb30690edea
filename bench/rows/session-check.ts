import type { Bench, Measurement } from '../bench.ts';
import { connections, failuresIn, interleaved, medianOf, perSecond, processorOf } from '../bench.ts';
import { lanesOf, ours, peerLanes, theirs } from '../fixture.ts';
import type { Step } from '../load/job.ts';
import type { Measured } from '../load/load-client.ts';
import { peerSteps } from '../peer.ts';
import { row, type Row } from '../row.ts';
import { median, rounded, spread } from '../statistics.ts';

export const sessionCheckSteps: readonly Step[] = [
  { method: 'GET', path: '/v1/session', headers: { authorization: 'Bearer {{accessToken}}' }, expect: 200 },
];
/** Of the closed loop's throughput, at which latency is looked at: a service is not run at its limit. */
const share = 0.5;

/** What every request of the panel asks. */
export const sessionCheck: Measurement = {
  name: 'session-check',
  run: async (bench) => {
    const { service, people } = await ours(bench);
    const other = await theirs(bench);
    const pace = { kind: 'closed', seconds: bench.size.seconds } as const;
    const job = { url: service.apiUrl, steps: sessionCheckSteps, lanes: lanesOf(people), pace };
    const { url } = other.peer;
    const closed = await interleaved(bench, {
      ours: () => job,
      theirs: () => ({ url, steps: peerSteps(url).session, lanes: peerLanes(other.people), pace }),
    });
    const rate = medianOf(closed.ours, ({ perSecond: figure }) => figure) * share;
    const openPace = { ...pace, kind: 'open', perSecond: rate } as const;
    const { open } = await interleaved(bench, { open: () => ({ ...job, pace: openPace }) }, { warmUp: false });
    return [throughputRow(bench, closed), latencyRow(open, rate)];
  },
};

function throughputRow({ peerName }: Bench, closed: Readonly<Record<'ours' | 'theirs', readonly Measured[]>>): Row {
  const figures = perSecond(closed.ours);
  const p99 = medianOf(closed.ours, ({ latency }) => latency.p99);
  const peerP99 = medianOf(closed.theirs, ({ latency }) => latency.p99);
  const p99s = `closed-loop p99 ${rounded(p99)} ms, the peer's ${rounded(peerP99)} ms`;
  return row(
    {
      name: `session check, c=${connections}`,
      unit: '/s',
      ours: median(figures),
      against: { what: `${peerName} get-session`, figure: median(perSecond(closed.theirs)) },
      note: `${spread(figures)}; ${p99s}; ours: rights, idle touch and revocation too${failuresIn(closed.ours)}`,
      because: processorOf(closed.ours),
    },
    '≥ 10 × the peer',
    (_ours, ratio) => ratio >= 10,
  );
}

function latencyRow(open: readonly Measured[], rate: number): Row {
  const p99 = medianOf(open, ({ latency }) => latency.p99);
  const note = `${spread(open.map(({ latency }) => latency.p99))}; open loop at ${rounded(rate)}/s, half of what it can do${failuresIn(open)}`;
  const measured = { name: 'session check, p99', unit: 'ms', ours: p99, note, because: processorOf(open) };
  return row(measured, '≤ 10 ms', (value) => value <= 10);
}
