import { access, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Measurement, Size } from './bench.ts';
import { environmentOf } from './environment.ts';
import { measure } from './measure.ts';
import { installPeer, peerVersion } from './peer.ts';
import { authorize } from './rows/authorize.ts';
import { clientLibrary } from './rows/client-library.ts';
import { geoWait } from './rows/geo-wait.ts';
import { growth } from './rows/growth.ts';
import { hashFlood } from './rows/hash-flood.ts';
import { jobStart } from './rows/job-start.ts';
import { limits } from './rows/limits.ts';
import { loginLatency } from './rows/login-latency.ts';
import { loginThroughput } from './rows/login-throughput.ts';
import { memory } from './rows/memory.ts';
import { overload } from './rows/overload.ts';
import { proofs } from './rows/proofs.ts';
import { results, writeReadme } from './readme.ts';
import { ready } from './rows/ready.ts';
import { rebuild } from './rows/rebuild.ts';
import { refresh } from './rows/refresh.ts';
import { revoke } from './rows/revoke.ts';
import { sessionCheck } from './rows/session-check.ts';
import { staleness } from './rows/staleness.ts';
import { visible } from './rows/visible.ts';
import { entry } from './service.ts';
import { tableOf } from './table.ts';

const measurements: readonly Measurement[] = [
  limits,
  sessionCheck,
  authorize,
  memory,
  clientLibrary,
  refresh,
  revoke,
  staleness,
  loginLatency,
  visible,
  jobStart,
  geoWait,
  overload,
  hashFlood,
  loginThroughput,
  rebuild,
  proofs,
  ready,
  growth,
];

const full: Size = {
  rounds: 5,
  seconds: 4,
  warmUpSeconds: 3,
  events: 1_000_000,
  revocations: 16,
  changes: 5,
  users: [10_000, 1_000_000],
};
const quick: Size = {
  rounds: 2,
  seconds: 1,
  warmUpSeconds: 0.5,
  events: 5000,
  revocations: 4,
  changes: 2,
  users: [100, 1000],
};

interface Options {
  readonly only: readonly string[];
  readonly quick: boolean;
}

async function run({ only, quick: isQuick }: Options): Promise<void> {
  const wanted = only.length === 0 ? measurements : only.map(measurementNamed);
  const events = Number(process.env['BENCH_EVENTS'] ?? (isQuick ? quick : full).events);
  const chosen = isQuick ? quick : full;
  const size: Size = {
    ...chosen,
    events,
    users: [chosen.users[0], Number(process.env['BENCH_USERS'] ?? chosen.users[1])],
  };
  const at = new Date().toISOString();
  await needBuild();
  installPeer();
  const peer = await peerVersion();
  const rows = await measure(wanted, { size, peerName: peer, say });
  const path = new URL(`${at.replaceAll(':', '-')}.json`, results);
  await mkdir(results, { recursive: true });
  const environment = environmentOf({ at, peer, quick: isQuick, events, only });
  await writeFile(path, `${JSON.stringify({ environment, rows }, undefined, 2)}\n`);
  say(tableOf(rows));
  say(`Kept in ${fileURLToPath(path)}`);
}

function measurementNamed(name: string): Measurement {
  const found = measurements.find((measurement) => measurement.name === name);
  if (found !== undefined) return found;
  throw new Error(`There is no row ${name}; there are ${measurements.map((known) => known.name).join(', ')}.`);
}

async function needBuild(): Promise<void> {
  await access(entry).catch(() => {
    throw new Error('What is measured is the build: run npm run build first.');
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Of a row that was given up: the others are to be measured all the same.
process.on('unhandledRejection', (error) => process.stderr.write(`Left behind: ${String(error)}\n`));

// Asked to stop: the handlers of `exit` end what was started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    readme: { type: 'boolean', default: false },
  },
});
await (values.readme ? writeReadme() : run(values));
