import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { prepareDataFolder } from '../../src/embedded/data-folder.ts';
import { startEventStore } from '../../src/embedded/event-store-child.ts';
import { endChild, type Child } from '../../src/embedded/guarded-child.ts';
import { portsFor } from '../support/free-port.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { startRedis } from '../../src/embedded/redis.ts';

export type ServerName = 'postgres' | 'redis' | 'event-store';

export interface ServerUrls {
  readonly postgres: string;
  readonly redis: string;
  readonly eventStore: string;
}

/** Servers of one test file, which it may kill and start again on the same ports and data. */
export interface OwnServers {
  readonly urls: ServerUrls;
  /** While it runs. */
  pidOf(name: ServerName): number | undefined;
  kill(name: ServerName): Promise<void>;
  start(name: ServerName): Promise<void>;
  /** Stops it with all its processes: it keeps its connections, takes new ones, and says nothing. */
  hang(name: ServerName): Promise<void>;
  goOn(name: ServerName): Promise<void>;
  stop(): Promise<void>;
}

const redisPackageDir = fileURLToPath(new URL('../../node_modules/.cache/mbpanel-auth/redis-package', import.meta.url));
const eventStoreEntry = new URL('../../dist/embedded/event-store/main.js', import.meta.url);
const stopMs = 5000;

export async function startOwnServers(): Promise<OwnServers> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mbauth-e2e-servers-'));
  await prepareDataFolder(dataDir);
  const ports = await portsFor(['postgres', 'redis', 'event-store']);
  const children = new Map<ServerName, Child>();
  const urls: Record<string, string> = {};
  let eventStoreDatabase = '';

  const starts: Record<ServerName, () => Promise<Child>> = {
    async postgres() {
      const started = await startPostgres(dataDir, ports.postgres, () => undefined);
      urls['postgres'] = started.databaseUrl;
      eventStoreDatabase = started.eventStoreDatabaseUrl;
      return started.child;
    },
    async redis() {
      const started = await startRedis({
        dataDir,
        packageDir: redisPackageDir,
        port: ports.redis,
        now: new Date(),
        say: () => undefined,
      });
      urls['redis'] = started.redisUrl;
      return started.child;
    },
    async 'event-store'() {
      const databaseUrl = eventStoreDatabase;
      const port = ports['event-store'];
      const started = await startEventStore({ dataDir, databaseUrl, port, entry: eventStoreEntry });
      urls['eventStore'] = started.eventStoreUrl;
      return started.child;
    },
  };
  const start = async (name: ServerName) => {
    children.set(name, await starts[name]());
  };
  const stop = async () => {
    const deadline = () => pause(stopMs, undefined, { ref: false });
    for (const name of ['event-store', 'redis', 'postgres'] as const) {
      const child = children.get(name);
      if (child !== undefined) await endChild(child, deadline());
    }
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await Promise.all([start('postgres'), start('redis')]);
    await start('event-store');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    urls: urls as unknown as ServerUrls,
    start,
    stop,
    hang: (name) => signal(children.get(name), 'SIGSTOP'),
    goOn: (name) => signal(children.get(name), 'SIGCONT'),
    pidOf: (name) => children.get(name)?.pid,
    async kill(name) {
      children.get(name)?.kill();
      await children.get(name)?.exited;
      children.delete(name);
    },
  };
}

async function signal(child: Child | undefined, how: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  if (child === undefined) throw new Error('it does not run');
  for (const pid of await withChildren(child.pid)) process.kill(pid, how);
}

async function withChildren(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  return [pid, ...children.split(' ').filter(Boolean).map(Number)];
}
