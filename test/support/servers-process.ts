import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '../../src/embedded/start-embedded.ts';
import { createDatabase } from './database.ts';

export interface ServerUrls {
  postgres: string;
  redis: string;
  eventStore: string;
}

/** What this process tells its parent, once. */
export type ServersReport = ServerUrls | { failed: string };

type Cleanup = () => Promise<void>;

const redisPackageDir = fileURLToPath(new URL('../../node_modules/.cache/mbpanel-auth/redis-package', import.meta.url));

/** Servers that are not configured are started on free ports, in a folder that goes with them. */
async function startServers(cleanups: Cleanup[]): Promise<ServerUrls> {
  const { DATABASE_URL, REDIS_URL, EVENTSTORE_URL } = process.env;
  const needs = {
    postgres: DATABASE_URL === undefined,
    redis: REDIS_URL === undefined,
    eventStore: EVENTSTORE_URL === undefined,
    mailbox: false,
  };
  const dataDir = await mkdtemp(join(tmpdir(), 'mbpanel-auth-test-'));
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
  const eventStoreHome =
    DATABASE_URL !== undefined && needs.eventStore ? await createDatabase(DATABASE_URL) : undefined;
  if (eventStoreHome !== undefined) cleanups.push(eventStoreHome.drop);
  const embedded = await startEmbedded({
    dataDir,
    needs,
    ports: { postgres: 0, redis: 0, eventStore: 0, mailbox: 0 },
    redisPackageDir,
    say: () => undefined,
    ...(eventStoreHome && { databaseUrl: eventStoreHome.url }),
  });
  cleanups.push(embedded.stop);
  return {
    postgres: given(DATABASE_URL ?? embedded.databaseUrl),
    redis: given(REDIS_URL ?? embedded.redisUrl),
    eventStore: given(EVENTSTORE_URL ?? embedded.eventStoreUrl),
  };
}

function given(url: string | undefined): string {
  if (url === undefined) throw new Error('A server gave no address.');
  return url;
}

async function run(): Promise<void> {
  const parentGone = once(process, 'disconnect');
  const cleanups: Cleanup[] = [];
  try {
    process.send?.((await startServers(cleanups)) satisfies ServersReport);
    await parentGone;
  } catch (error) {
    process.exitCode = 1;
    const failed = error instanceof Error ? error.message : String(error);
    if (process.connected) process.send?.({ failed } satisfies ServersReport);
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
  if (process.connected) process.disconnect();
}

await run();
