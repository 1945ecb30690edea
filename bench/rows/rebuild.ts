import { sharesOf, type Bench, type Measurement } from '../bench.ts';
import { commandTakes, type Taken } from '../command.ts';
import { openKept, type Kept } from '../data/kept.ts';
import { longLog } from '../data/long-log.ts';
import type { Lane } from '../load/job.ts';
import { row, type Row } from '../row.ts';
import { startService, type Service } from '../service.ts';
import { settled } from '../settled.ts';
import { median, rounded } from '../statistics.ts';
import { freshSessions } from './refresh.ts';
import { sessionCheckSteps } from './session-check.ts';

const million = 1_000_000;
const readersPerSecond = 200;

/** The audit log, and then everything, built anew by the command of the operators, on servers of their own. */
export const rebuild: Measurement = {
  name: 'rebuild',
  // Of that, what makes the log takes half, once.
  limitSeconds: 1500,
  run: async (bench) => {
    const kept = await openKept(bench, longLog(bench));
    try {
      return await rebuilt(bench, kept);
    } finally {
      await kept.stop();
    }
  },
};

async function rebuilt(bench: Bench, kept: Kept): Promise<Row[]> {
  const { signal } = bench;
  const { installation, events } = kept;
  await settled([], signal);
  const nothing = await commandTakes(installation, ['projections', 'status'], signal);
  const one = await commandTakes(installation, ['projections', 'rebuild', 'audit_log'], signal);
  const [service, lanes] = await readersOf(bench, kept);
  try {
    await settled([], signal);
    const reading = readWhile(bench, service, lanes);
    const all = await commandTakes(installation, ['projections', 'rebuild', '--all'], signal);
    const p99 = await reading();
    return [oneRow(events, one, nothing), allRow(events, all, nothing, p99)];
  } finally {
    await service.stop();
  }
}

/** An api that nothing runs beside, and sessions in it: to log in, the read models are to be kept up to date too. */
async function readersOf(bench: Bench, { installation, people }: Kept): Promise<[Service, readonly Lane[]]> {
  const both = await startService(installation, ['api', 'projector']);
  const lanes = await freshSessions(bench, both.apiUrl, people).finally(both.stop);
  return [await startService(installation, ['api'], { PUBLIC_URL: both.apiUrl }), lanes];
}

const memoryOf = ({ firstMb, mostMb }: Taken) => `${rounded(mostMb)} MB at the most (${rounded(firstMb)} at first)`;

function oneRow(events: number, one: Taken, nothing: Taken): Row {
  const measured = {
    name: `rebuild of the audit log from ${events.toLocaleString('en')} events`,
    unit: 'events/s',
    ours: events / (one.seconds - nothing.seconds),
    note: `one round; ${memoryOf(one)}; the time of the command but for its start of ${rounded(nothing.seconds)} s; the live table is compared with what is built`,
    because: sharesOf(one.processor, one.seconds),
  };
  return row(measured, '≥ 20,000/s, flat memory', (value) => value >= 20_000);
}

function allRow(events: number, all: Taken, nothing: Taken, p99: number): Row {
  const seconds = all.seconds - nothing.seconds;
  const measured = {
    name: `all read models from ${events.toLocaleString('en')} events`,
    unit: 's',
    ours: seconds,
    note: `one round; ${rounded(events / seconds)} events/s; ${memoryOf(all)}; session checks of the same installation beside it at ${readersPerSecond}/s: p99 ${rounded(p99)} ms`,
    because: sharesOf(all.processor, all.seconds),
  };
  return row(measured, '≤ 3 minutes for 1 million', () => (seconds * million) / events <= 180);
}

/** Session checks of the same installation, until the median p99 of its seconds is asked for. */
function readWhile(bench: Bench, service: Service, lanes: readonly Lane[]): () => Promise<number> {
  const state = { ended: false };
  const reading = (async () => {
    const pace = { kind: 'open', seconds: 1, perSecond: readersPerSecond } as const;
    const job = { url: service.apiUrl, steps: sessionCheckSteps, lanes, pace };
    const figures: number[] = [];
    do figures.push((await bench.load.run(job)).latency.p99);
    while (!state.ended);
    return median(figures);
  })();
  // Whoever asks for it is told.
  reading.catch(() => undefined);
  return () => {
    state.ended = true;
    return reading;
  };
}
