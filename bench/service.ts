import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../src/embedded/ports.ts';
import { watchProcess } from './processes.ts';
import type { Stores } from './stores.ts';

type Role = 'api' | 'projector' | 'worker';

/** An installation of the service over the stores of the run: its own database, prefixes and key. */
export interface Installation {
  readonly settings: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  readonly eventStoreDatabaseUrl: string;
  readonly mailboxUrl: string;
}

/** Each role as a process of its own, as in production. */
export interface Service {
  readonly installation: Installation;
  readonly apiUrl: string;
  readonly pids: Readonly<Partial<Record<Role, number>>>;
  /** Milliseconds from its start until the api served. */
  readonly apiReadyMs: number;
  readonly stop: () => Promise<void>;
}

export const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const readyMs = 60_000;
const endMs = 15_000;

export async function newInstallation(
  stores: Stores,
  name: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Installation> {
  const databaseUrl = await stores.newDatabase(name);
  const own = new URL(databaseUrl).pathname.slice(1);
  return installationOn(stores, databaseUrl, {
    MASTER_KEY: randomBytes(32).toString('base64'),
    STREAM_PREFIX: `${own}_`,
    REDIS_PREFIX: own,
    // Also where its port changes, its log keeps the name that it is signed under.
    AUDIT_ORIGIN: `${own}.example`,
    ...more,
  });
}

/** One whose database is there; the settings say how its data are named and sealed. */
export function installationOn(
  stores: Stores,
  databaseUrl: string,
  more: Readonly<Record<string, string>>,
): Installation {
  const settings = {
    EVENTSTORE_URL: stores.eventStoreUrl,
    DATABASE_URL: databaseUrl,
    REDIS_URL: stores.redisUrl,
    POSTMARK_SERVER_TOKEN: 'bench',
    POSTMARK_API_URL: stores.mailboxUrl,
    GEOIP_API_URL: stores.geoipUrl,
    TRUST_PROXY: 'loopback',
    // The hash is measured by itself; where it is the subject, the row sets what production has.
    BCRYPT_COST: '4',
    // Many sessions of few people stand for those of many.
    SESSIONS_PER_USER: '100',
    // All people of a run have one address.
    MAILS_PER_IP_PER_HOUR: '1000000',
    CODE_MAILS_PER_HOUR: '1000000',
    ...more,
  };
  const { eventStoreDatabaseUrl, mailboxUrl } = stores;
  return { settings, databaseUrl, eventStoreDatabaseUrl, mailboxUrl };
}

/** Those that run now. */
const running = new Set<Installation>();
export const runningInstallations = (): readonly Installation[] => [...running];

export async function startService(
  installation: Installation,
  roles: readonly Role[] = ['api', 'projector', 'worker'],
  more: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'mbauth-bench-service-'));
  const port = await freePort();
  const apiUrl = `http://127.0.0.1:${port}`;
  const children = new Map<Role, ChildProcess>();
  const stop = async () => {
    if (roles.includes('projector')) running.delete(installation);
    await Promise.all([...children.values()].map(end));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const started = performance.now();
    for (const role of roles) {
      const env = { ...installation.settings, PUBLIC_URL: apiUrl, ...more, PORT: String(port) };
      children.set(role, await spawnRole(role, env, folder));
    }
    const api = children.get('api');
    if (api !== undefined) await untilReady(`${apiUrl}/readyz`, api);
    if (roles.includes('projector')) running.add(installation);
    const apiReadyMs = performance.now() - started;
    const pids = Object.fromEntries([...children].map(([role, { pid }]) => [role, pid ?? 0]));
    return { installation, apiUrl, pids, apiReadyMs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What is left of it goes with this process, however that ends; till then what it takes counts under its name. */
export function endWithUs(child: ChildProcess, name: string): void {
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', watchProcess(name, child.pid));
  child.once('exit', () => process.off('exit', kill));
}

async function spawnRole(role: Role, env: Record<string, string>, folder: string): Promise<ChildProcess> {
  const log = await open(join(folder, `${role}.log`), 'a');
  const child = spawn(process.execPath, ['--enable-source-maps', entry, role], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', log.fd, log.fd],
  });
  endWithUs(child, role);
  await log.close();
  return child;
}

/** One that nobody listens on. */
export async function freePort(): Promise<number> {
  const { port } = await freePorts({ port: { port: 0, what: 'the bench', variable: '' } }, 0);
  if (port === undefined) throw new Error('No port is free.');
  return port;
}

export async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (const deadline = performance.now() + readyMs; performance.now() < deadline;) {
    if (child.exitCode !== null) throw new Error(`A measured process ended with exit code ${child.exitCode}.`);
    const answered = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return;
    await pause(10);
  }
  throw new Error(`${url} did not answer within ${readyMs / 1000} s.`);
}

/** SIGTERM, then SIGKILL, and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const killing = setTimeout(() => child.kill('SIGKILL'), endMs);
  await exited;
  clearTimeout(killing);
}
