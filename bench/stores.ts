import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { watchProcess } from './processes.ts';
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
  /** An empty database beside the others, with a number in its name where there is one of that name; its URL. */
  newDatabase(name: string): Promise<string>;
  readonly stop: () => Promise<void>;
}

/** As the embedded PostgreSQL has it. */
const eventStoreDatabase = 'mbauth_eventstore';

const builtEventStore = new URL('../dist/embedded/event-store/main.js', import.meta.url);

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
  const stores = await startStoresOn(dataDir);
  const stop = async () => {
    await stores.stop();
    // A server that had to be killed may still be at it.
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  return { ...stores, stop };
}

/** In a folder that stays. */
export async function startStoresOn(dataDir: string, eventStoreEntry = builtEventStore): Promise<Stores> {
  const embedded = await startEmbedded({
    dataDir,
    redisPackageDir,
    needs: { postgres: true, redis: true, eventStore: true, mailbox: true, geoip: true },
    ports: { postgres: 0, redis: 0, eventStore: 0, mailbox: 0, geoip: 0 },
    eventStoreEntry,
    say: () => undefined,
  });
  const unwatch = embedded.processes.map(({ name, pid }) => watchProcess(name, pid));
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
    newDatabase: (name) => createDatabase(databaseUrl, name),
    stop: async () => {
      await embedded.stop();
      for (const done of unwatch) done();
    },
  };
}

async function createDatabase(server: string, wanted: string): Promise<string> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const taken = new Set(rows.map(({ datname }) => datname));
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`;
    await client.query(`create database ${name}`);
    return beside(server, name);
  } finally {
    await client.end();
  }
}

/** Another database of the same server. */
export function beside(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = name;
  return url.href;
}
