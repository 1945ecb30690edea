import type { Bench, Measurement } from '../bench.ts';
import { medianOf } from '../bench.ts';
import { fillLog } from '../data/fill-log.ts';
import type { Lane, Outcome, Step } from '../load/job.ts';
import { loginSteps, makePeople, type Person } from '../people.ts';
import { row } from '../row.ts';
import { newInstallation, startService, type Installation } from '../service.ts';
import { rounded, spread } from '../statistics.ts';
import { startStores, type Stores } from '../stores.ts';
import { commandTakes } from './rebuild.ts';
import { freshSessions, refreshSteps } from './refresh.ts';
import { sessionCheckSteps } from './session-check.ts';

const atOnce = 8;
/** For each 100 thousand people. */
const secondsPerHundredThousand = 900;
const users = Number(process.env['BENCH_USERS'] ?? 0);

const searchSteps: readonly Step[] = [
  { method: 'GET', path: '/v1/audit/events', headers: { authorization: 'Bearer {{accessToken}}' }, expect: 200 },
];
const kinds = {
  login: loginSteps,
  refresh: refreshSteps,
  'session check': sessionCheckSteps,
  'audit search': searchSteps,
};

type Kind = keyof typeof kinds;
type Measured = Record<Kind, Outcome[]>;

/** Whether what people do takes longer for there being more people. On servers of its own, which hold nothing else. */
export const growth: Measurement = {
  name: 'growth',
  limitSeconds: secondsPerHundredThousand * Math.max(1, users / 100_000),
  run: async (bench) => {
    const stores = await startStores();
    try {
      return await grown(bench, stores);
    } finally {
      await stores.stop();
    }
  },
};

async function grown(bench: Bench, stores: Stores) {
  const [few, many] = bench.size.users;
  const installation = withoutPlaces(await newInstallation(stores, 'growing'));
  const { people } = await made(installation);
  await grow(bench, { stores, installation, from: 0, to: few });
  const before = await measured(bench, installation, people);
  await grow(bench, { stores, installation, from: few, to: many });
  const after = await measured(bench, installation, people);
  return (Object.keys(kinds) as Kind[]).map((kind) => {
    const p50 = (outcomes: readonly Outcome[]) => medianOf(outcomes, ({ latency }) => latency.p50);
    const figures = after[kind].map(({ latency }) => latency.p50);
    const note = `${spread(figures)}; closed loop, c=${atOnce}; events and read models of all, sessions of those who ask; places are not judged`;
    const against = { what: `with ${few.toLocaleString('en')}`, figure: p50(before[kind]) };
    const name = `growth: ${kind} with ${many.toLocaleString('en')} people, p50`;
    return row({ name, unit: 'ms', ours: p50(after[kind]), against, note }, '≤ 1.2 ×', (_ours, ratio) => ratio <= 1.2);
  });
}

/** The worker would first send the mails of all that are filled in, so it only runs before; places are its verdicts. */
function withoutPlaces(installation: Installation): Installation {
  const settings = Object.entries(installation.settings).filter(([name]) => name !== 'GEOIP_API_URL');
  return { ...installation, settings: Object.fromEntries(settings) };
}

async function made(installation: Installation): Promise<{ people: readonly Person[] }> {
  const service = await startService(installation);
  try {
    return { people: await makePeople(service, atOnce) };
  } finally {
    await service.stop();
  }
}

interface Growing {
  readonly stores: Stores;
  readonly installation: Installation;
  readonly from: number;
  readonly to: number;
}

/** People who registered and were not seen since. */
async function grow(bench: Bench, { stores, installation, from, to }: Growing): Promise<void> {
  const begun = performance.now();
  const events = await fillLog(stores, installation, { from, to, logins: 0 });
  const filled = performance.now();
  await commandTakes(installation, ['projections', 'rebuild', '--all']);
  const seconds = (since: number, until: number) => rounded((until - since) / 1000);
  bench.say(
    `  ${to.toLocaleString('en')} people: ${events.toLocaleString('en')} events in ${seconds(begun, filled)} s, read models in ${seconds(filled, performance.now())} s`,
  );
}

async function measured(bench: Bench, installation: Installation, people: readonly Person[]): Promise<Measured> {
  const service = await startService(installation, ['api', 'projector']);
  try {
    const { load, size } = bench;
    const { apiUrl: url } = service;
    let lanes: readonly Lane[] = await freshSessions(bench, url, people);
    const outcomes: Measured = { login: [], refresh: [], 'session check': [], 'audit search': [] };
    for (let round = 0; round <= size.rounds; round += 1) {
      for (const kind of ['session check', 'audit search', 'refresh', 'login'] as const) {
        const pace = { kind: 'closed', seconds: size.seconds / 2 } as const;
        const outcome = await load.run({ url, steps: kinds[kind], lanes, pace });
        // Refresh tokens are good once, and a login ends nothing: each goes on with the newest.
        lanes = outcome.lanes;
        // The first round was the warm-up.
        if (round > 0) outcomes[kind].push(outcome);
      }
    }
    return outcomes;
  } finally {
    await service.stop();
  }
}
