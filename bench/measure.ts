import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, Measurement, Size } from './bench.ts';
import { startLoadClient } from './load/load-client.ts';
import { unmeasured, type Row } from './row.ts';
import { runningInstallations } from './service.ts';
import { settled } from './settled.ts';
import { rounded } from './statistics.ts';
import { startStores } from './stores.ts';
import { lineOf } from './table.ts';

/** A slow machine may take so many times the limit of a row. */
const slack = Number(process.env['BENCH_SLACK'] ?? 1);
const usualLimitSeconds = 240;
/** For what is stopped after a row that failed. */
const stopMs = 20_000;

interface Run {
  readonly size: Size;
  /** With its version. */
  readonly peerName: string;
  say(line: string): void;
}

type Shared = Pick<Bench, 'once' | 'atEnd'> & { readonly reset: () => Promise<void> };

/** One after the other, on servers that are there for this run alone. */
export async function measure(wanted: readonly Measurement[], run: Run): Promise<Row[]> {
  const stores = await startStores();
  const load = startLoadClient();
  const { reset, ...shared } = sharing();
  const bench = { ...run, ...shared, stores, load };
  // Whatever a row that failed left under way ends with the load and the services, and the next row makes its own.
  const begin = async () => {
    load.restart();
    await reset();
  };
  try {
    const rows: Row[] = [];
    for (const measurement of wanted) rows.push(...(await measureOne(measurement, bench, begin)));
    return rows;
  } finally {
    load.stop();
    await reset();
    // What was measured counts, however the servers end.
    await stores
      .stop()
      .catch((error: unknown) => process.stderr.write(`The servers did not end well: ${String(error)}\n`));
  }
}

/** What several rows use. */
function sharing(): Shared {
  let opened: (() => Promise<void>)[] = [];
  const made = new Map<string, Promise<unknown>>();
  return {
    atEnd: (stop) => opened.push(stop),
    once: <Value>(key: string, make: () => Promise<Value>) => {
      const known = made.get(key) ?? make();
      made.set(key, known);
      // What failed once may be there at the next try.
      known.catch(() => made.delete(key));
      return known as Promise<Value>;
    },
    reset: async () => {
      const stops = opened.reverse();
      opened = [];
      made.clear();
      for (const stop of stops) {
        const stopped = stop().catch(() => undefined);
        await Promise.race([stopped, pause(stopMs, undefined, { ref: false })]);
      }
    },
  };
}

/** What fails or takes too long is in the table as not measured; the others still are, and the run has failed. */
async function measureOne(
  { name, limitSeconds = usualLimitSeconds, run }: Measurement,
  bench: Omit<Bench, 'signal'>,
  begin: () => Promise<void>,
): Promise<Row[]> {
  bench.say(`${name} …`);
  const isSettled = await settled(runningInstallations());
  const started = performance.now();
  const [tooLong, done] = [new AbortController(), new AbortController()];
  const seconds = limitSeconds * slack;
  const limit = pause(seconds * 1000, undefined, { signal: done.signal }).then(() => {
    throw new Error(`not done within ${seconds} s`);
  });
  const found = await Promise.race([run({ ...bench, signal: tooLong.signal }), limit]).catch(async (error: unknown) => {
    process.exitCode = 1;
    process.stderr.write(`${name} was not measured: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
    tooLong.abort();
    await begin();
    return [unmeasured(name, error instanceof Error ? error.message : String(error))];
  });
  done.abort();
  limit.catch(() => undefined);
  const rows = isSettled ? [...found] : found.map(besideOthers);
  for (const row of rows) bench.say(`  ${lineOf(row)}`);
  bench.say(`  (${rounded((performance.now() - started) / 1000)} s)`);
  return rows;
}

const besideOthers = (row: Row): Row => ({ ...row, note: `${row.note}; what rows before left behind ran beside` });
