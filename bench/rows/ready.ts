import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Measurement } from '../bench.ts';
import { row } from '../row.ts';
import { end, endWithUs, entry, freePort, newInstallation, startService, untilReady } from '../service.ts';
import { median, spread } from '../statistics.ts';
import { redisPackageDir } from '../stores.ts';

/** From the start of the process until it serves. */
export const ready: Measurement = {
  name: 'ready',
  run: async (bench) => [await apiAlone(bench), ...(await embedded(bench))],
};

async function apiAlone({ stores, size }: Bench) {
  const installation = await newInstallation(stores, 'ready');
  const seconds: number[] = [];
  // The worker makes what an api waits for once in the life of an installation.
  await (await startService(installation)).stop();
  for (let round = 0; round < size.rounds; round += 1) {
    const service = await startService(installation, ['api']);
    seconds.push(service.apiReadyMs / 1000);
    await service.stop();
  }
  const name = 'ready: api alone';
  return row({ name, unit: 's', ours: median(seconds), note: spread(seconds) }, '≤ 1.5 s', (value) => value <= 1.5);
}

async function embedded({ size }: Bench) {
  const [first, second]: [number[], number[]] = [[], []];
  for (let round = 0; round < size.rounds; round += 1) {
    const dataDir = await mkdtemp(join(tmpdir(), 'mbauth-bench-ready-'));
    await mkdir(join(redisPackageDir, '..'), { recursive: true });
    await symlink(redisPackageDir, join(dataDir, 'redis-package'));
    first.push(await startOn(dataDir));
    second.push(await startOn(dataDir));
    await rm(dataDir, { recursive: true, force: true });
  }
  const note = (figures: readonly number[]) => `${spread(figures)}; with PostgreSQL, Redis, event store and sandboxes`;
  return [
    row(
      { name: 'ready: embedded, first start', unit: 's', ours: median(first), note: note(first) },
      '≤ 10 s',
      (value) => value <= 10,
    ),
    row(
      { name: 'ready: embedded, second start', unit: 's', ours: median(second), note: note(second) },
      '≤ 4 s',
      (value) => value <= 4,
    ),
  ];
}

const portVariables = [
  'EMBEDDED_POSTGRES_PORT',
  'EMBEDDED_REDIS_PORT',
  'EMBEDDED_EVENTSTORE_PORT',
  'MAILBOX_PORT',
  'GEOIP_SANDBOX_PORT',
  'VIRTUOZZO_SANDBOX_PORT',
];

async function startOn(dataDir: string): Promise<number> {
  const port = await freePort();
  const others = await Promise.all(portVariables.map(async (name) => [name, String(await freePort())] as const));
  const started = performance.now();
  const child = spawn(process.execPath, ['--enable-source-maps', entry, 'all'], {
    cwd: dataDir,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATA_DIR: dataDir,
      PORT: String(port),
      ...Object.fromEntries(others),
    },
    stdio: 'ignore',
  });
  endWithUs(child, 'embedded');
  await untilReady(`http://127.0.0.1:${port}/readyz`, child);
  const seconds = (performance.now() - started) / 1000;
  await end(child);
  return seconds;
}
