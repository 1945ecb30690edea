import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { inject } from 'vitest';
import { startMailSandbox, type MailSandbox } from '../../src/embedded/mail-sandbox/start-mail-sandbox.ts';
import { createDatabase } from '../support/database.ts';
import type { Client } from './journey.ts';
import { portsFor } from '../support/free-port.ts';
import type { ServerUrls } from './servers.ts';

/** Both APIs serve the same installation, as behind a load balancer; the second is started only when asked for. */
export type ProcessName = 'api' | 'second-api' | 'projector' | 'worker';

export interface StackOptions {
  /** Settings of the processes, over those of a small installation. */
  readonly env?: Readonly<Record<string, string>>;
  /** The run's shared servers when absent. */
  readonly servers?: ServerUrls;
}

/** One installation: its own database, prefixes, keys and mailbox, and each role as a process of its own. */
export interface Stack {
  readonly apiUrl: string;
  readonly mailboxUrl: string;
  /** What links in mails begin with, and the issuer of access tokens. */
  readonly publicUrl: string;
  readonly streamPrefix: string;
  readonly redisPrefix: string;
  /** Base64. */
  readonly masterKey: string;
  readonly servers: ServerUrls;
  readonly database: { readonly url: string; readonly pool: pg.Pool };
  /** Somebody with a browser of their own: no device token yet. */
  client(api?: 'api' | 'second-api'): Client;
  /** `/livez`, `/readyz` and `/metrics` of a process are here. */
  urlOf(name: ProcessName): string;
  /** While it runs. */
  pidOf(name: ProcessName): number | undefined;
  /** Waits until the process serves. */
  start(name: ProcessName): Promise<void>;
  /** SIGKILL; waits until it is gone. */
  kill(name: ProcessName): Promise<void>;
  restart(name: ProcessName): Promise<void>;
  /** SIGTERM, as an orchestrator ends it; the exit code. */
  end(name: ProcessName): Promise<number | null>;
  /** What all processes wrote, by file. */
  logs(): Promise<string>;
  stop(): Promise<void>;
}

const entry = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const readyMs = 30_000;
const stopMs = 8000;

export async function startStack({ env = {}, servers = sharedServers() }: StackOptions = {}): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'mbauth-e2e-'));
  const id = randomUUID().replaceAll('-', '').slice(0, 12);
  const ports = await portsFor<ProcessName>(['api', 'second-api', 'projector', 'worker']);
  const database = await createDatabase(servers.postgres);
  const pool = new pg.Pool({ connectionString: database.url, max: 12 });
  pool.on('error', () => undefined); // the test may kill the server
  const mailbox = await startMailSandbox({
    folder: join(folder, 'mailbox'),
    port: 0,
    now: () => new Date(),
    newId: randomUUID,
  });
  const publicUrl = `http://localhost:${ports.api}`;
  const settings = {
    EVENTSTORE_URL: servers.eventStore,
    DATABASE_URL: database.url,
    REDIS_URL: servers.redis,
    POSTMARK_SERVER_TOKEN: 'e2e',
    POSTMARK_API_URL: mailbox.url,
    MASTER_KEY: randomBytes(32).toString('base64'),
    PUBLIC_URL: publicUrl,
    STREAM_PREFIX: `e2e_${id}_`,
    REDIS_PREFIX: `e2e_${id}`,
    TRUST_PROXY: 'loopback',
    BCRYPT_COST: '4',
    DATABASE_POOL: '10',
    // Nobody has to notice that a process is about to end.
    DRAIN_SECONDS: '0',
    // All of a test's clients have one address, and some of its people many mails.
    MAILS_PER_IP_PER_HOUR: '1000000',
    CODE_MAILS_PER_HOUR: '1000000',
    ...env,
  };
  const processes = processGroup({ folder, ports, settings });
  const stack: Stack = {
    ...processes,
    apiUrl: processes.urlOf('api'),
    mailboxUrl: mailbox.url,
    publicUrl,
    streamPrefix: settings.STREAM_PREFIX,
    redisPrefix: settings.REDIS_PREFIX,
    masterKey: settings.MASTER_KEY,
    servers,
    database: { url: database.url, pool },
    client: (api = 'api') => ({ apiUrl: processes.urlOf(api), mailboxUrl: mailbox.url }),
    logs: () => logsIn(folder),
    stop: () => stopAll(processes, mailbox, pool, database.drop, folder),
  };
  try {
    await Promise.all([stack.start('api'), stack.start('projector'), stack.start('worker')]);
  } catch (error) {
    const logs = await stack.logs();
    await stack.stop();
    throw new Error(`The stack did not start:\n${logs}`, { cause: error });
  }
  return stack;
}

const sharedServers = (): ServerUrls => ({
  postgres: inject('postgresUrl'),
  redis: inject('redisUrl'),
  eventStore: inject('eventStoreUrl'),
});

interface GroupOptions {
  readonly folder: string;
  readonly ports: Readonly<Record<ProcessName, number>>;
  readonly settings: Readonly<Record<string, string>>;
}

function processGroup({ folder, ports, settings }: GroupOptions) {
  const running = new Map<ProcessName, ChildProcess>();
  const urlOf = (name: ProcessName) => `http://127.0.0.1:${ports[name]}`;
  process.once('exit', () => {
    for (const child of running.values()) child.kill('SIGKILL');
  });

  async function start(name: ProcessName): Promise<void> {
    if (running.has(name)) throw new Error(`${name} runs already`);
    const log = await open(join(folder, `${name}.log`), 'a');
    const role = name === 'second-api' ? 'api' : name;
    const port = role === 'api' ? { PORT: String(ports[name]) } : { METRICS_PORT: String(ports[name]) };
    const child = spawn(process.execPath, ['--enable-source-maps', entry, role], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...settings, ...port },
      stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    running.set(name, child);
    await untilLive(`${urlOf(name)}/livez`, child, name);
  }

  async function signal(name: ProcessName, how: NodeJS.Signals): Promise<number | null> {
    const child = running.get(name);
    if (child === undefined) return null;
    running.delete(name);
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(how);
      await exited;
    }
    return child.exitCode;
  }

  return {
    urlOf,
    start,
    pidOf: (name: ProcessName) => running.get(name)?.pid,
    kill: async (name: ProcessName) => {
      await signal(name, 'SIGKILL');
    },
    restart: async (name: ProcessName) => {
      await signal(name, 'SIGKILL');
      await start(name);
    },
    end: (name: ProcessName) => signal(name, 'SIGTERM'),
    endAll: async () => {
      const children = [...running.values()];
      const force = setTimeout(() => {
        for (const child of children) child.kill('SIGKILL');
      }, stopMs);
      for (const child of children) child.kill('SIGTERM');
      await Promise.all(children.map(goneOf));
      clearTimeout(force);
      running.clear();
    },
  };
}

async function goneOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function untilLive(url: string, child: ChildProcess, name: string): Promise<void> {
  const deadline = Date.now() + readyMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`${name} ended with exit code ${child.exitCode}`);
    if (child.signalCode !== null) return; // killed by the test while it started
    const live = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (live) return;
    await pause(20);
  }
  throw new Error(`${name} does not serve within ${readyMs / 1000} s`);
}

async function logsIn(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.log'));
  const parts = files.map(async (file) => `--- ${file}\n${await readFile(join(folder, file), 'utf8')}`);
  return (await Promise.all(parts)).join('\n');
}

async function stopAll(
  processes: { endAll(): Promise<void> },
  mailbox: MailSandbox,
  pool: pg.Pool,
  dropDatabase: () => Promise<void>,
  folder: string,
): Promise<void> {
  await processes.endAll();
  await mailbox.close();
  await pool.end();
  await dropDatabase();
  await rm(folder, { recursive: true, force: true });
}
