import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { EventStoreDBClient } from '@eventstore/db-client';
import { startTestPostgres, type TestPostgres } from './postgres.ts';

const entry = new URL('../../../src/embedded/event-store/main.ts', import.meta.url).pathname;

/** A real server to run the contract against, instead of the embedded one. */
export const givenUrl = process.env['EVENTSTORE_URL'];

/** A reason to skip what needs to kill or to configure the server, or undefined. */
export const notOurs = givenUrl === undefined ? undefined : 'EVENTSTORE_URL names a server that is not ours to kill';

export interface ServerProcess {
  readonly port: number;
  readonly process: ChildProcess;
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
  readonly residentBytes: () => number;
}

export type ServerVariables = Readonly<Record<string, string>>;

export async function startServerProcess(variables: ServerVariables): Promise<ServerProcess> {
  const server = spawn(process.execPath, ['--import', 'tsx', entry], {
    env: { PATH: process.env['PATH'], EVENT_STORE_PORT: '0', ...variables },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout } = server;
  if (stdout === null) throw new Error('The server has no standard output.');
  const [line] = await Promise.race([
    once(createInterface({ input: stdout }), 'line') as Promise<[string]>,
    once(server, 'exit').then(([code]) => {
      throw new Error(`The event store ended with ${String(code)}.`);
    }),
  ]);
  const { port } = JSON.parse(line) as { port: number };
  return {
    port,
    process: server,
    end: async (signal) => {
      if (server.exitCode === null && server.signalCode === null) {
        const exited = once(server, 'exit');
        server.kill(signal);
        await exited;
      }
      return server.exitCode;
    },
    residentBytes: () => {
      const status = readFileSync(`/proc/${String(server.pid)}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    },
  };
}

/** What a contract test file runs against. */
export interface EventStore {
  readonly url: string;
  readonly client: EventStoreDBClient;
  /** Only with a server of our own. */
  readonly own: OwnEventStore | undefined;
  readonly stop: () => Promise<void>;
}

export interface OwnEventStore {
  readonly postgres: TestPostgres;
  readonly server: () => ServerProcess;
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port and database. */
  readonly restart: () => Promise<void>;
}

export async function startEventStore(startPostgres = startTestPostgres): Promise<EventStore> {
  if (givenUrl !== undefined) {
    const client = EventStoreDBClient.connectionString(givenUrl);
    return { url: givenUrl, client, own: undefined, stop: () => client.dispose() };
  }
  const postgres = await startPostgres();
  const start = (port: number): Promise<ServerProcess> =>
    startServerProcess({ EVENT_STORE_DATABASE_URL: postgres.url, EVENT_STORE_PORT: String(port) });
  let server = await start(0);
  const { port } = server;
  const url = `esdb://127.0.0.1:${port}?tls=false`;
  const client = EventStoreDBClient.connectionString(url);
  return {
    url,
    client,
    own: {
      postgres,
      server: () => server,
      kill: async () => {
        await server.end('SIGKILL');
      },
      restart: async () => {
        await server.end('SIGKILL');
        server = await start(port);
      },
    },
    stop: async () => {
      await client.dispose();
      await server.end('SIGKILL');
      await postgres.stop();
    },
  };
}
