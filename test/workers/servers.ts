import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { migrate } from '../../src/adapters/postgres-migrations.ts';
import { findRedis } from '../../src/embedded/redis-binary.ts';
import { freshDatabase as emptyDatabase, type FreshDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';

export async function freshDatabase(): Promise<FreshDatabase> {
  const database = await emptyDatabase();
  await migrate(database.pool);
  return database;
}

export interface FreshRedis {
  readonly url: string;
  /** A client for the test itself. */
  readonly client: Redis;
  /** As when the machine goes: nothing is written any more. */
  readonly kill: () => Promise<void>;
  /** On the same port; with its data, unless `empty`. */
  readonly restart: (options?: { empty?: boolean }) => Promise<void>;
  readonly close: () => Promise<void>;
}

const packageDir = fileURLToPath(new URL('../../node_modules/.cache/mbpanel-auth/redis-package', import.meta.url));

/** A Redis of its own, because these tests empty it and take it away. */
export async function freshRedis(): Promise<FreshRedis> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mbpanel-auth-redis-'));
  const { command, env } = await findRedis({ dataDir, packageDir, now: new Date(), say: () => undefined });
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess;
  const start = async (): Promise<void> => {
    const flags = { port, bind: '127.0.0.1', dir: dataDir, appendonly: 'yes', appendfsync: 'always', save: '""' };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
    server = spawn(command, args, { env, stdio: 'ignore' });
    const probe = new Redis(url, { lazyConnect: true, retryStrategy: () => 20, maxRetriesPerRequest: null });
    probe.on('error', () => undefined);
    await probe.ping(); // waits for the server
    probe.disconnect();
  };
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  };
  await start();
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  client.on('error', () => undefined);
  return {
    url,
    client,
    kill,
    restart: async ({ empty = false } = {}) => {
      if (empty) await rm(join(dataDir, 'appendonlydir'), { recursive: true, force: true });
      await start();
    },
    close: async () => {
      client.disconnect();
      await kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
