import type { Bench, Measurement } from '../bench.ts';
import { connections, medianOf, perSecond, processorOf } from '../bench.ts';
import { lanesOf, oursAnew, type Ours } from '../fixture.ts';
import type { Job, Step } from '../load/job.ts';
import type { Measured } from '../load/load-client.ts';
import { row, type Row } from '../row.ts';
import { median, rounded, spread } from '../statistics.ts';
import { sessionCheckSteps } from './session-check.ts';

const steps: readonly Step[] = [
  { method: 'GET', path: '/v1/sessions', headers: { authorization: 'Bearer {{accessToken}}' }, expect: 200 },
];
/** More than the service lets in at once, so that what it refuses is seen. */
const crowd = 400;
const times = 2;
/** How long somebody waits before the answer is of no use. */
const deadlineMs = 1000;
const checksPerSecond = 50;

/** Twice of what it can do is asked of it: what it does still, and how session checks fare beside it. */
export const overload: Measurement = {
  name: 'overload',
  run: async (bench) => {
    const fixture = await oursAnew(bench, 'crowd');
    try {
      return [await rowOf(bench, fixture)];
    } finally {
      await fixture.service.stop();
    }
  },
};

async function rowOf(bench: Bench, fixture: Ours): Promise<Row> {
  const rounds: Round[] = [];
  await peakOf(bench, fixture, bench.size.warmUpSeconds);
  for (let n = 0; n < bench.size.rounds; n += 1) rounds.push(await roundOf(bench, fixture));
  const [peaks, crowds, checks] = [
    rounds.map(({ peak }) => peak),
    rounds.map(({ crowded }) => crowded),
    rounds.map(({ checked }) => checked),
  ];
  const figures = perSecond(crowds);
  const peak = median(perSecond(peaks));
  const refused = medianOf(crowds, (outcome) => (outcome.refused / (outcome.done + outcome.failed)) * 100);
  const late = crowds.reduce((sum, outcome) => sum + outcome.failed - outcome.refused, 0);
  const p99 = medianOf(checks, ({ latency }) => latency.p99);
  const p50 = medianOf(checks, ({ latency }) => latency.p50);
  return row(
    {
      name: `goodput at ${times} × the capacity`,
      unit: '/s',
      ours: median(figures),
      against: { what: `its most, c=${connections}`, figure: peak },
      note: `${spread(figures)}; own sessions listed over ${crowd} connections, open loop; good is 200 within ${deadlineMs / 1000} s of when it was due; ${rounded(refused)} % told to come back, ${late} failed otherwise; session checks beside it: p50 ${rounded(p50)} ms, p99 ${rounded(p99)} ms`,
      because: processorOf(crowds),
    },
    '≥ 0.9 of its most',
    (_ours, ratio) => ratio >= 0.9,
  );
}

interface Round {
  readonly peak: Measured;
  readonly crowded: Measured;
  readonly checked: Measured;
}

const peakOf = ({ load }: Bench, { service, people }: Ours, seconds: number): Promise<Measured> =>
  load.run({ url: service.apiUrl, steps, lanes: lanesOf(people), pace: { kind: 'closed', seconds } });

/** What it can do is looked at anew in each round, so that both figures of a round have the same machine. */
async function roundOf(bench: Bench, fixture: Ours): Promise<Round> {
  const { load, size } = bench;
  const { service, people } = fixture;
  const peak = await peakOf(bench, fixture, size.seconds);
  const all = lanesOf(people);
  const lanes = Array.from({ length: crowd }, (_, n) => all[n % all.length] ?? { sets: [] });
  const perSecond = peak.perSecond * times;
  const pace = { kind: 'open', seconds: size.seconds } as const;
  const crowding: Job = { url: service.apiUrl, steps, lanes, deadlineMs, pace: { ...pace, perSecond } };
  const checking: Job = {
    url: service.apiUrl,
    steps: sessionCheckSteps,
    lanes: all,
    pace: { ...pace, perSecond: checksPerSecond },
  };
  const [crowded, checked] = await Promise.all([load.run(crowding), load.run(checking)]);
  return { peak, crowded, checked };
}
