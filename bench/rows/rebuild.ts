import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Bench, Measurement } from '../bench.ts';
import { fillLog } from '../data/fill-log.ts';
import { eventsOfLife } from '../data/life.ts';
import { lanesOf, ours, type Ours } from '../fixture.ts';
import { watchMemory } from '../memory.ts';
import { row } from '../row.ts';
import { newInstallation, type Installation } from '../service.ts';
import { median, rounded } from '../statistics.ts';
import { sessionCheckSteps } from './session-check.ts';

const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const million = 1_000_000;
const readersPerSecond = 200;

/** The audit log, and then everything, built anew by the command of the operators. */
export const rebuild: Measurement = {
  name: 'rebuild',
  limitSeconds: 780,
  run: async (bench) => {
    const installation = await newInstallation(bench.stores, 'filled');
    const begun = performance.now();
    const events = await fillLog(bench.stores, installation, {
      from: 0,
      to: Math.ceil(bench.size.events / eventsOfLife),
    });
    bench.say(`  ${events.toLocaleString('en')} events in ${rounded((performance.now() - begun) / 1000)} s`);
    const nothing = await commandTakes(installation, ['projections', 'status']);
    const one = await commandTakes(installation, ['projections', 'rebuild', 'audit_log']);
    const readers = readWhile(bench, await ours(bench));
    const all = await commandTakes(installation, ['projections', 'rebuild', '--all']);
    const p99 = await readers();
    const oneSeconds = one.seconds - nothing.seconds;
    const allSeconds = all.seconds - nothing.seconds;
    const memory = ({ firstMb, mostMb }: Taken) => `${rounded(mostMb)} MB at the most (${rounded(firstMb)} at first)`;
    return [
      row(
        {
          name: `rebuild of the audit log from ${events.toLocaleString('en')} events`,
          unit: 'events/s',
          ours: events / oneSeconds,
          note: `${memory(one)}; the time of the command but for its start of ${rounded(nothing.seconds)} s`,
        },
        '≥ 20,000/s, flat memory',
        (value) => value >= 20_000,
      ),
      row(
        {
          name: `all read models from ${events.toLocaleString('en')} events`,
          unit: 's',
          ours: allSeconds,
          note: `${rounded(events / allSeconds)} events/s; ${memory(all)}; session checks beside it at ${readersPerSecond}/s: p99 ${rounded(p99)} ms`,
        },
        '≤ 3 minutes for 1 million',
        () => (allSeconds * million) / events <= 180,
      ),
    ];
  },
};

interface Taken {
  readonly seconds: number;
  readonly firstMb: number;
  readonly mostMb: number;
}

/** A command of the operators, in a process of its own. */
export async function commandTakes({ settings }: Installation, args: readonly string[]): Promise<Taken> {
  const started = performance.now();
  const child = spawn(process.execPath, [cli, ...args], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const memory = await watchMemory(child.pid ?? 0);
  const [code] = (await once(child, 'exit')) as [number | null];
  memory.stop();
  if (code !== 0) throw new Error(`mbauth ${args.join(' ')} ended with ${code}.`);
  return { seconds: (performance.now() - started) / 1000, firstMb: memory.first(), mostMb: memory.most() };
}

/** Session checks of another installation on the same servers, until the median p99 of its seconds is asked for. */
function readWhile(bench: Bench, { service, people }: Ours): () => Promise<number> {
  const state = { ended: false };
  const reading = (async () => {
    const pace = { kind: 'open', seconds: 1, perSecond: readersPerSecond } as const;
    const job = { url: service.apiUrl, steps: sessionCheckSteps, lanes: lanesOf(people), pace };
    const figures: number[] = [];
    do figures.push((await bench.load.run(job)).latency.p99);
    while (!state.ended);
    return median(figures);
  })();
  return () => {
    state.ended = true;
    return reading;
  };
}
