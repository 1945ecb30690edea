import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbedded } from '../src/embedded/start-embedded.ts';

/** The servers of one run, shared by the service and the peer. */
export interface Stores {
  readonly databaseUrl: string;
  /** Where the event store keeps its log. */
  readonly eventStoreDatabaseUrl: string;
  readonly redisUrl: string;
  readonly eventStoreUrl: string;
  readonly mailboxUrl: string;
  readonly geoipUrl: string;
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  /** An empty database beside the others; its URL. */
  newDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** As the embedded PostgreSQL has it. */
const eventStoreDatabase = 'mbauth_eventstore';

/** Where all people of a run say they are. */
export const clientAddress = '81.2.69.142';
const place = { country: 'GB', city: 'London', latitude: 51.5, longitude: -0.1, accuracyKm: 10 };

export const redisPackageDir = fileURLToPath(
  new URL('../node_modules/.cache/mbpanel-auth/redis-package', import.meta.url),
);

const part = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('A server of the run did not start.');
  return value;
};

export async function startStores(): Promise<Stores> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mbauth-bench-'));
  const embedded = await startEmbedded({
    dataDir,
    redisPackageDir,
    needs: { postgres: true, redis: true, eventStore: true, mailbox: true, geoip: true },
    ports: { postgres: 0, redis: 0, eventStore: 0, mailbox: 0, geoip: 0 },
    eventStoreEntry: new URL('../dist/embedded/event-store/main.js', import.meta.url),
    say: () => undefined,
  });
  const databaseUrl = part(embedded.databaseUrl);
  const geoipUrl = part(embedded.geoipUrl);
  await fetch(`${geoipUrl}/__control/answers`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ [clientAddress]: place }),
  });
  return {
    databaseUrl,
    eventStoreDatabaseUrl: beside(databaseUrl, eventStoreDatabase),
    geoipUrl,
    redisUrl: part(embedded.redisUrl),
    eventStoreUrl: part(embedded.eventStoreUrl),
    mailboxUrl: part(embedded.mailboxUrl),
    processes: embedded.processes,
    newDatabase: (name) => createDatabase(databaseUrl, name),
    stop: async () => {
      await embedded.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function createDatabase(server: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return beside(server, name);
}

/** Another database of the same server. */
function beside(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
