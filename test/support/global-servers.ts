import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TestProject } from 'vitest/node';
import type { ServerUrls, ServersReport } from './servers-process.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
    redisUrl: string;
    eventStoreUrl: string;
  }
}

let servers: ChildProcess | undefined;

/**
 * One PostgreSQL, one Redis and one event store for the whole run. `DATABASE_URL`, `REDIS_URL` and `EVENTSTORE_URL`
 * name servers to use instead. Test files find them by `inject('postgresUrl')` or in `TEST_POSTGRES_URL` and so on.
 */
export async function setup(project: TestProject): Promise<void> {
  // Vitest runs this once for each project: the first one starts the servers, the others find them.
  const urls = started() ?? (await start());
  process.env['TEST_POSTGRES_URL'] = urls.postgres;
  process.env['TEST_REDIS_URL'] = urls.redis;
  process.env['TEST_EVENTSTORE_URL'] = urls.eventStore;
  project.provide('postgresUrl', urls.postgres);
  project.provide('redisUrl', urls.redis);
  project.provide('eventStoreUrl', urls.eventStore);
}

export async function teardown(): Promise<void> {
  if (servers === undefined) return;
  const exited = once(servers, 'exit');
  if (servers.connected) servers.disconnect();
  await exited;
}

function started(): ServerUrls | undefined {
  const { TEST_POSTGRES_URL: postgres, TEST_REDIS_URL: redis, TEST_EVENTSTORE_URL: eventStore } = process.env;
  if (postgres === undefined || redis === undefined || eventStore === undefined) return undefined;
  return { postgres, redis, eventStore };
}

/** In a process of its own, for Vitest leaves no time to clean up when it is interrupted. */
async function start(): Promise<ServerUrls> {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const entry = fileURLToPath(new URL('./servers-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', tsx, entry], {
    detached: true, // Ctrl-C reaches only Vitest; the closing channel tells the servers
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit').then((): ServersReport => ({ failed: 'the process ended' }));
  const report = await Promise.race([once(child, 'message').then(([message]) => message as ServersReport), gone]);
  if ('failed' in report) throw new Error(`The servers for the tests did not start: ${report.failed}`);
  servers = child;
  // While Vitest waits for nothing else, the servers must not hold it.
  child.unref();
  child.channel?.unref();
  return report;
}
