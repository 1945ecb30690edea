import type { Bench, Measurement } from '../bench.ts';
import { medianOf, processorOf, sharesOf } from '../bench.ts';
import { commandTakes } from '../command.ts';
import { copyPeople } from '../data/copy-people.ts';
import { fillLog } from '../data/fill-log.ts';
import { openKept, type Kept } from '../data/kept.ts';
import type { Lane, Step } from '../load/job.ts';
import type { Measured } from '../load/load-client.ts';
import { loginSteps } from '../people.ts';
import { between, processorSeconds } from '../processes.ts';
import { row } from '../row.ts';
import { startService, type Service } from '../service.ts';
import { settled } from '../settled.ts';
import { rounded, spread } from '../statistics.ts';
import { freshSessions, refreshSteps } from './refresh.ts';
import { sessionCheckSteps } from './session-check.ts';

const atOnce = 8;

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

/** Whether what people do takes longer for there being more people. On servers of its own, which hold nothing else. */
export const growth: Measurement = {
  name: 'growth',
  // Of that, what makes a million people takes the most, once.
  limitSeconds: 1800,
  run: async (bench) => {
    const [few, many] = bench.size.users;
    // Made before any runs: what is measured is to have the machine for itself.
    for (const people of [few, many]) await (await peopled(bench, people)).stop();
    const [small, large] = [await peopled(bench, few), await peopled(bench, many)];
    try {
      return await compared(bench, small, large);
    } finally {
      await Promise.all([small.stop(), large.stop()]);
    }
  },
};

/** People who registered and were not seen since; the first of them by their events, the others as copies of them. */
function peopled(bench: Bench, people: number): Promise<Kept> {
  const generated = Math.min(people, bench.size.users[0]);
  return openKept(bench, {
    name: `growth-${people}`,
    people: atOnce,
    fill: async (stores, installation) => {
      const { signal } = bench;
      const events = await fillLog(stores, installation, { from: 0, to: generated, logins: 0, signal });
      await commandTakes(installation, ['projections', 'rebuild', '--all'], signal);
      const times = Math.ceil(people / generated);
      const [begun, before] = [performance.now(), await processorSeconds()];
      if (times > 1) await copyPeople(installation, { times, signal });
      const [seconds, taken] = [(performance.now() - begun) / 1000, between(before, await processorSeconds())];
      bench.say(`  copied ${times} times in ${rounded(seconds)} s: ${sharesOf(taken, seconds)}`);
      return events * times;
    },
  });
}

interface Side {
  readonly service: Service;
  readonly measured: Record<Kind, Measured[]>;
  lanes: readonly Lane[];
}

async function compared(bench: Bench, small: Kept, large: Kept) {
  const sides: Side[] = [];
  try {
    for (const { installation, people } of [small, large]) {
      const service = await startService(installation, ['api', 'projector']);
      const measured = { login: [], refresh: [], 'session check': [], 'audit search': [] };
      sides.push({ service, measured, lanes: [] });
      Object.assign(sides.at(-1) ?? {}, { lanes: await freshSessions(bench, service.apiUrl, people) });
    }
    await settled([small.installation, large.installation], bench.signal);
    // The first round is the warm-up.
    for (let round = 0; round <= bench.size.rounds; round += 1) {
      for (const kind of Object.keys(kinds) as Kind[]) {
        for (const side of sides) await measureRound(bench, side, kind, round > 0);
      }
    }
  } finally {
    await Promise.all(sides.map(({ service }) => service.stop()));
  }
  return (Object.keys(kinds) as Kind[]).map((kind) => rowOf(bench, kind, sides, large.events));
}

async function measureRound({ load, size }: Bench, side: Side, kind: Kind, counts: boolean): Promise<void> {
  const pace = { kind: 'closed', seconds: size.seconds / 2 } as const;
  const { apiUrl: url } = side.service;
  const outcome = await load.run({ url, steps: kinds[kind], lanes: side.lanes, pace });
  // Refresh tokens are good once, and a login ends nothing: each goes on with the newest.
  side.lanes = outcome.lanes;
  if (counts) side.measured[kind].push(outcome);
}

function rowOf({ size: { users } }: Bench, kind: Kind, [few, many]: readonly Side[], events: number) {
  const p50 = (side: Side | undefined) => medianOf(side?.measured[kind] ?? [], ({ latency }) => latency.p50);
  const rounds = many?.measured[kind] ?? [];
  const shown = (people: number) => people.toLocaleString('en');
  const note = `${spread(rounds.map(({ latency }) => latency.p50))}, in turn; closed loop, c=${atOnce}; ${events.toLocaleString('en')} events and the read models of all, sessions of those who ask; places are not judged`;
  const against = { what: `with ${shown(users[0])}`, figure: p50(few) };
  const name = `growth: ${kind} with ${shown(users[1])} people, p50`;
  const figures = { name, unit: 'ms', ours: p50(many), against, note, because: processorOf(rounds) };
  return row(figures, '≤ 1.2 ×', (_ours, ratio) => ratio > 0 && ratio <= 1.2);
}
