import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from './journey.ts';
import { portsFor } from '../support/free-port.ts';

/** `node dist/main.js all` as a newcomer starts it: every server embedded, in a folder of its own. */
export interface EmbeddedService {
  readonly apiUrl: string;
  readonly mailboxUrl: string;
  readonly geoipUrl: string;
  readonly dataDir: string;
  /** What it said to the person who started it. */
  said(): string;
  /** Everything on standard error. */
  log(): string;
  /** Of the service and of all that it started. */
  processes(): Promise<number[]>;
  /** SIGTERM; the exit code, once every process is gone. */
  stop(): Promise<number | null>;
  /** What is left of it, whatever happened. */
  remove(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const redisPackage = join(root, 'node_modules', '.cache', 'mbpanel-auth', 'redis-package');
const readyMs = 90_000;

/** `existing`: the folder of an installation that is there already. */
export async function startEmbeddedService(
  env: Readonly<Record<string, string>> = {},
  existing?: string,
): Promise<EmbeddedService> {
  const dataDir = existing ?? (await mkdtemp(join(tmpdir(), 'mbauth-service-')));
  await withRedisPackage(dataDir);
  const ports = await portsFor(['api', 'mailbox', 'geoip', 'virtuozzo', 'eventStore', 'postgres', 'redis']);
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist', 'main.js'), 'all'], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATA_DIR: dataDir,
      PORT: String(ports.api),
      MAILBOX_PORT: String(ports.mailbox),
      GEOIP_SANDBOX_PORT: String(ports.geoip),
      VIRTUOZZO_SANDBOX_PORT: String(ports.virtuozzo),
      EMBEDDED_EVENTSTORE_PORT: String(ports.eventStore),
      EMBEDDED_POSTGRES_PORT: String(ports.postgres),
      EMBEDDED_REDIS_PORT: String(ports.redis),
      BCRYPT_COST: '4',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { said: '', log: '' };
  child.stderr.on('data', (chunk: Buffer) => (output.log += chunk.toString()));
  const service: EmbeddedService = {
    apiUrl: `http://localhost:${ports.api}`,
    mailboxUrl: `http://localhost:${ports.mailbox}`,
    geoipUrl: `http://localhost:${ports.geoip}`,
    dataDir,
    said: () => output.said,
    log: () => output.log,
    processes: () => processesOf(dataDir, child.pid),
    stop: () => stop(child, dataDir),
    remove: async () => {
      if (isRunning(child)) await stop(child, dataDir);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  const ready = untilReady(child, (line) => (output.said += `${line}\n`));
  if (await ready) return service;
  await service.remove();
  throw new Error(`The service did not start:\n${output.said}${output.log}`);
}

/** Downloaded once for all runs, and only where the machine has no Redis. */
async function withRedisPackage(dataDir: string): Promise<void> {
  await mkdir(join(redisPackage, '..'), { recursive: true });
  await symlink(redisPackage, join(dataDir, 'redis-package'));
}

async function untilReady(child: ChildProcess, hear: (line: string) => void): Promise<boolean> {
  const giveUp = setTimeout(() => child.kill('SIGKILL'), readyMs);
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const ended = once(child, 'exit').then(() => false);
  const ready = new Promise<boolean>((resolve) => {
    lines.on('line', (line) => {
      hear(line);
      if (line.startsWith('Mails arrive')) resolve(true);
    });
  });
  return Promise.race([ready, ended]).finally(() => {
    clearTimeout(giveUp);
  });
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

async function stop(child: ChildProcess, dataDir: string): Promise<number | null> {
  if (isRunning(child)) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
  await eventually(async () => {
    const left = await processesOf(dataDir, child.pid);
    if (left.length > 0) throw new Error(`processes are left: ${left.join(', ')}`);
  });
  return child.exitCode;
}

/** Every process that works in the folder, was started with a path in it, or is the service itself. */
async function processesOf(folder: string, service: number | undefined): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      const isOurs = pid === service || cwd.startsWith(folder) || `${command}${environment}`.includes(folder);
      return isOurs && command !== '' ? [pid] : [];
    }),
  );
  return found.flat();
}
