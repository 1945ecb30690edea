import type { Bench, Measurement } from '../bench.ts';
import { connections, medianOf, perSecond, processorOf } from '../bench.ts';
import { lanesOf, oursAnew, type Ours } from '../fixture.ts';
import type { Job, Lane, Step } from '../load/job.ts';
import type { Measured } from '../load/load-client.ts';
import { row, type Row } from '../row.ts';
import { median, rounded, spread } from '../statistics.ts';
import { freshSessions, refreshSteps } from './refresh.ts';
import { sessionCheckSteps } from './session-check.ts';

/** More than the service lets in at once, so that what it refuses is seen. */
const crowd = 400;
const times = 2;
/** How long somebody waits before the answer is of no use. */
const deadlineMs = 1000;
const checksPerSecond = 50;

interface Workload {
  readonly what: string;
  readonly steps: readonly Step[];
}

/** What costs the service little more than its refusal, and what it has to make durable. */
const workloads: readonly Workload[] = [
  {
    what: 'own sessions listed',
    steps: [{ method: 'GET', path: '/v1/sessions', headers: { authorization: 'Bearer {{accessToken}}' }, expect: 200 }],
  },
  { what: 'sessions refreshed', steps: refreshSteps },
];

/** Twice of what it can do is asked of it: what it does still, and how session checks fare beside it. */
export const overload: Measurement = {
  name: 'overload',
  run: async (bench) => {
    const fixture = await oursAnew(bench, 'crowd');
    try {
      const rows: Row[] = [];
      for (const workload of workloads) rows.push(await rowOf(bench, fixture, workload));
      return rows;
    } finally {
      await fixture.service.stop();
    }
  },
};

async function rowOf(bench: Bench, fixture: Ours, workload: Workload): Promise<Row> {
  const crowding = await crowdOf(bench, fixture, workload);
  const rounds: Round[] = [];
  await crowding.peak(bench.size.warmUpSeconds);
  for (let n = 0; n < bench.size.rounds; n += 1) rounds.push(await roundOf(bench, fixture, crowding));
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
      name: `goodput at ${times} × the capacity, ${workload.what}`,
      unit: '/s',
      ours: median(figures),
      against: { what: `its most, c=${connections}`, figure: peak },
      note: `${spread(figures)}; over ${crowd} connections, open loop; good is 200 within ${deadlineMs / 1000} s of when it was due; ${rounded(refused)} % told to come back, ${late} failed otherwise; session checks beside it: p50 ${rounded(p50)} ms, p99 ${rounded(p99)} ms`,
      because: processorOf(crowds),
    },
    '≥ 0.9 of its most',
    (_ours, ratio) => ratio >= 0.9,
  );
}

/** What comes at once: each connection with a session of its own, which goes on from round to round. */
interface Crowd {
  readonly peak: (seconds: number) => Promise<Measured>;
  readonly overrun: (seconds: number, perSecond: number) => Promise<Measured>;
}

async function crowdOf(bench: Bench, { service, people }: Ours, { steps }: Workload): Promise<Crowd> {
  const { load } = bench;
  const url = service.apiUrl;
  let lanes: readonly Lane[] = [];
  while (lanes.length < crowd) lanes = [...lanes, ...(await freshSessions(bench, url, people))];
  const goOn = ({ lanes: now, ...rest }: Measured): Measured => {
    lanes = [...now, ...lanes.slice(now.length)];
    return { lanes: now, ...rest };
  };
  return {
    peak: async (seconds) =>
      goOn(await load.run({ url, steps, lanes: lanes.slice(0, connections), pace: { kind: 'closed', seconds } })),
    overrun: async (seconds, perSecond) =>
      goOn(
        await load.run({
          url,
          steps,
          lanes: lanes.slice(0, crowd),
          deadlineMs,
          pace: { kind: 'open', seconds, perSecond },
        }),
      ),
  };
}

interface Round {
  readonly peak: Measured;
  readonly crowded: Measured;
  readonly checked: Measured;
}

/** What it can do is looked at anew in each round, so that both figures of a round have the same machine. */
async function roundOf({ load, size }: Bench, { service, people }: Ours, crowding: Crowd): Promise<Round> {
  const { seconds } = size;
  const peak = await crowding.peak(seconds);
  const checking: Job = {
    url: service.apiUrl,
    steps: sessionCheckSteps,
    lanes: lanesOf(people),
    pace: { kind: 'open', seconds, perSecond: checksPerSecond },
  };
  const [crowded, checked] = await Promise.all([crowding.overrun(seconds, peak.perSecond * times), load.run(checking)]);
  return { peak, crowded, checked };
}
