import { access, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Bench, Measurement, Size } from './bench.ts';
import { environmentOf } from './environment.ts';
import { startLoadClient } from './load/load-client.ts';
import { installPeer, peerVersion } from './peer.ts';
import { unmeasured, type Row } from './row.ts';
import { authorize } from './rows/authorize.ts';
import { clientLibrary } from './rows/client-library.ts';
import { geoWait } from './rows/geo-wait.ts';
import { growth } from './rows/growth.ts';
import { hashFlood } from './rows/hash-flood.ts';
import { jobStart } from './rows/job-start.ts';
import { limits } from './rows/limits.ts';
import { loginLatency } from './rows/login-latency.ts';
import { loginThroughput } from './rows/login-throughput.ts';
import { overload } from './rows/overload.ts';
import { proofs } from './rows/proofs.ts';
import { results, writeReadme } from './readme.ts';
import { ready } from './rows/ready.ts';
import { rebuild } from './rows/rebuild.ts';
import { refresh } from './rows/refresh.ts';
import { revoke } from './rows/revoke.ts';
import { sessionCheck } from './rows/session-check.ts';
import { visible } from './rows/visible.ts';
import { entry } from './service.ts';
import { rounded } from './statistics.ts';
import { startStores } from './stores.ts';
import { lineOf, tableOf } from './table.ts';

const measurements: readonly Measurement[] = [
  limits,
  sessionCheck,
  authorize,
  clientLibrary,
  refresh,
  revoke,
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
  seconds: 5,
  warmUpSeconds: 3,
  events: 1_000_000,
  revocations: 16,
  users: [10_000, 100_000],
};
const quick: Size = { rounds: 2, seconds: 1, warmUpSeconds: 0.5, events: 5000, revocations: 4, users: [100, 1000] };

/** A slow machine may take so many times the limit of a row. */
const slack = Number(process.env['BENCH_SLACK'] ?? 1);

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
  const rows = await measure(wanted, size, peer);
  const path = new URL(`${at.replaceAll(':', '-')}.json`, results);
  await mkdir(results, { recursive: true });
  const environment = environmentOf({ at, peer, quick: isQuick, events });
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

/** One after the other, on servers that are there for this run alone. */
async function measure(wanted: readonly Measurement[], size: Size, peerName: string): Promise<Row[]> {
  const stores = await startStores();
  const load = startLoadClient();
  const opened: (() => Promise<void>)[] = [];
  const made = new Map<string, Promise<unknown>>();
  const bench: Bench = {
    stores,
    load,
    size,
    peerName,
    say,
    atEnd: (stop) => opened.push(stop),
    once: <Value>(key: string, make: () => Promise<Value>) => {
      const known = made.get(key) ?? make();
      made.set(key, known);
      // What failed once may be there at the next try.
      known.catch(() => made.delete(key));
      return known as Promise<Value>;
    },
  };
  try {
    const rows: Row[] = [];
    for (const measurement of wanted)
      rows.push(
        ...(await measureOne(measurement, bench, () => {
          load.restart();
        })),
      );
    return rows;
  } finally {
    load.stop();
    for (const stop of opened.reverse()) await stop();
    await stores.stop();
  }
}

/** What fails or takes too long is in the table as not measured; the others still are, and the run has failed. */
async function measureOne({ name, limitSeconds = 240, run: runRow }: Measurement, bench: Bench, restart: () => void) {
  say(`${name} …`);
  const started = performance.now();
  const tooLong = new AbortController();
  const seconds = limitSeconds * slack;
  const limit = pause(seconds * 1000, undefined, { signal: tooLong.signal }).then(() => {
    throw new Error(`not done within ${seconds} s`);
  });
  const found = await Promise.race([runRow(bench), limit]).catch((error: unknown) => {
    process.exitCode = 1;
    process.stderr.write(`${name} was not measured: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
    // Whatever of it is still under way ends with the load.
    restart();
    return [unmeasured(name, error instanceof Error ? error.message : String(error))];
  });
  tooLong.abort();
  limit.catch(() => undefined);
  for (const row of found) say(`  ${lineOf(row)}`);
  say(`  (${rounded((performance.now() - started) / 1000)} s)`);
  return found;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

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
