import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { embeddedMasterKey, startEmbedded } from '../../src/embedded/start-embedded.ts';
import type { Embedded } from '../../src/embedded/start-embedded.ts';
import { eventually, optionsFor, processesOf, started, temporaryFolder } from './support.ts';

async function sql<Row extends pg.QueryResultRow>(databaseUrl: string | undefined, query: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(query)).rows;
  } finally {
    await client.end();
  }
}

function redisOf({ redisUrl = '' }: Embedded): Redis {
  const redis = new Redis(redisUrl);
  onTestFinished(() => {
    redis.disconnect();
  });
  return redis;
}

test('the first start sets everything up, and the second, faster, finds its data', async () => {
  const options = await optionsFor(await temporaryFolder());
  const said: string[] = [];
  const begin = performance.now();
  const first = await started({ ...options, say: (line) => said.push(line) });
  const firstMs = performance.now() - begin;
  expect(said.join('\n')).toContain('Setting up PostgreSQL');
  await sql(first.databaseUrl, `create table kept (word text); insert into kept values ('here')`);
  const redis = redisOf(first);
  await redis.set('kept', 'here');
  redis.disconnect();
  await first.stop();

  const again = performance.now();
  const second = await started(options);
  expect(performance.now() - again).toBeLessThan(firstMs);
  expect(await sql(second.databaseUrl, 'select word from kept')).toEqual([{ word: 'here' }]);
  expect(await redisOf(second).get('kept')).toBe('here');
});

test('only what is needed is brought up', async () => {
  const dataDir = await temporaryFolder();
  const needs = { postgres: false, redis: false, eventStore: false, mailbox: true };
  const embedded = await started(await optionsFor(dataDir, { needs }));
  expect(embedded.processes).toEqual([]);
  expect(embedded.mailboxUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(embedded).not.toHaveProperty('databaseUrl');
  expect(embedded).not.toHaveProperty('redisUrl');
  expect(embedded).not.toHaveProperty('eventStoreUrl');
});

test('an event store without PostgreSQL of its own uses the configured database', async () => {
  const folder = await temporaryFolder();
  const needs = { postgres: false, redis: false, eventStore: true, mailbox: false };
  const databaseUrl = 'postgres://someone@127.0.0.1:1/elsewhere';
  const embedded = await started(await optionsFor(folder, { needs, databaseUrl }));
  expect(await environmentOfEventStore(embedded)).toMatchObject({ EVENT_STORE_DATABASE_URL: databaseUrl });
});

async function environmentOfEventStore({ eventStoreUrl = '' }: Embedded): Promise<Record<string, string>> {
  const response = await fetch(eventStoreUrl.replace('esdb:', 'http:'));
  return (await response.json()) as Record<string, string>;
}

describe('an installation', () => {
  let dataDir: string;
  let embedded: Embedded;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'mbauth-embedded-'));
    process.env['MASTER_KEY'] = 'must not be passed on';
    embedded = await startEmbedded(await optionsFor(dataDir));
  });

  afterAll(async () => {
    delete process.env['MASTER_KEY'];
    await embedded.stop();
    await rm(dataDir, { recursive: true });
  });

  test('the event store gets a database of its own and none of the service’s secrets', async () => {
    const environment = await environmentOfEventStore(embedded);
    expect(environment['EVENT_STORE_HOST']).toBe('127.0.0.1');
    expect(environment).not.toHaveProperty('MASTER_KEY');
    expect(await sql(environment['EVENT_STORE_DATABASE_URL'], 'select current_database() as name')).toEqual([
      { name: 'mbauth_eventstore' },
    ]);
  });

  test('the service owns its database without being a superuser, and the server flushes to the disk', async () => {
    const { databaseUrl } = embedded;
    const [row] = await sql<{ superuser: boolean; fsync: string; user: string }>(
      databaseUrl,
      `select rolsuper as superuser, current_setting('fsync') as fsync, current_user as user from pg_roles where rolname = current_user`,
    );
    expect(row).toEqual({ superuser: false, fsync: 'on', user: 'mbauth' });
    expect(await sql(databaseUrl, `select lower('ÄÖ') as folded`)).toEqual([{ folded: 'äö' }]);
  });

  test('Redis keeps what it is told, and never drops keys for room', async () => {
    const redis = redisOf(embedded);
    const settings = await redis.config('GET', 'append*', 'maxmemory-policy', 'save');
    expect(settings).toEqual(expect.arrayContaining(['appendonly', 'yes', 'appendfsync', 'everysec', 'noeviction']));
  });

  test('every server listens on loopback only and asks for its password', async () => {
    const { databaseUrl = '', redisUrl = '', mailboxUrl = '', eventStoreUrl = '' } = embedded;
    const sockets = await listeningSockets();
    for (const url of [databaseUrl, redisUrl, mailboxUrl, eventStoreUrl]) {
      expect(sockets.get(Number(new URL(url).port))).toEqual(['0100007F']);
    }
    await expect(sql(databaseUrl.replace(/:[^:@/]+@/, ':wrong@'), 'select 1')).rejects.toThrow(
      'password authentication failed',
    );
    const stranger = new Redis(redisUrl.replace(/\/\/.*@/, '//'), { enableReadyCheck: false });
    onTestFinished(() => {
      stranger.disconnect();
    });
    await expect(stranger.ping()).rejects.toThrow('NOAUTH');
  });

  test('secrets in the data folder are readable by their owner alone', async () => {
    await embeddedMasterKey(dataDir);
    for (const name of [
      'master.key',
      'postgres.password',
      'redis.password',
      'redis/redis.conf',
      'mailbox/messages.ndjson',
    ]) {
      expect([name, ((await stat(join(dataDir, name))).mode & 0o777).toString(8)]).toEqual([name, '600']);
    }
  });
});

/** Local addresses, in hexadecimal as proc(5) has them, by listening port. */
async function listeningSockets(): Promise<Map<number, string[]>> {
  const sockets = new Map<number, string[]>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8')).split('\n').slice(1)) {
      const [, local = '', , state] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      if (state === '0A') sockets.set(parseInt(port, 16), [...(sockets.get(parseInt(port, 16)) ?? []), address]);
    }
  }
  return sockets;
}

test('the master key is made once, 32 bytes, and a damaged one is refused', async () => {
  const dataDir = join(await temporaryFolder(), 'made', 'here');
  const [key, same] = await Promise.all([embeddedMasterKey(dataDir), embeddedMasterKey(dataDir)]);
  expect(Buffer.from(key, 'base64')).toHaveLength(32);
  expect(same).toBe(key);
  expect(await embeddedMasterKey(dataDir)).toBe(key);
  await writeFile(join(dataDir, 'master.key'), key.slice(0, 20));
  await expect(embeddedMasterKey(dataDir)).rejects.toThrow(/master\.key is damaged, .*Restore it from a backup/);
});

test('two installations stand side by side', async () => {
  const [one, other] = await Promise.all(
    [await temporaryFolder(), await temporaryFolder()].map(async (dataDir) => started(await optionsFor(dataDir))),
  );
  await sql(one?.databaseUrl, 'create table only_here ()');
  const query = `select to_regclass('only_here') is not null as found`;
  expect(await sql(one?.databaseUrl, query)).toEqual([{ found: true }]);
  expect(await sql(other?.databaseUrl, query)).toEqual([{ found: false }]);
  await one?.stop();
  expect(await sql(other?.databaseUrl, query)).toEqual([{ found: false }]);
});

test('stopping twice is stopping once, takes less than 5 s and leaves no process', async () => {
  const dataDir = await temporaryFolder();
  const embedded = await started(await optionsFor(dataDir));
  expect((await processesOf(dataDir)).length).toBeGreaterThan(3);
  const begin = performance.now();
  await Promise.all([embedded.stop(), embedded.stop()]);
  expect(performance.now() - begin).toBeLessThan(5_000);
  await eventually('no process is left', async () => (await processesOf(dataDir)).length === 0);
  expect(await readFile(join(dataDir, 'logs', 'redis.log'), 'utf8')).toContain('Redis is now ready to exit');
  expect(await readFile(join(dataDir, 'logs', 'postgres.log'), 'utf8')).toContain('database system is shut down');
  await expect(stat(join(dataDir, 'lock'))).rejects.toThrow('ENOENT');
});

test('a child that takes no notice of the stop is ended by force within 5 s', async () => {
  const dataDir = await temporaryFolder();
  const options = await optionsFor(dataDir);
  const stubborn = join(dataDir, 'stubborn.mjs');
  await writeFile(
    stubborn,
    `setInterval(() => {}, 1000);\nprocess.on('disconnect', () => {});\nconsole.log('{"ready":true,"port":1}');\n`,
  );
  const embedded = await started({ ...options, eventStoreEntry: new URL(`file://${stubborn}`) });
  const begin = performance.now();
  await embedded.stop();
  expect(performance.now() - begin).toBeLessThan(5_000);
  expect(await processesOf(dataDir)).toEqual([]);
});

test.each(['postgres', 'redis', 'event-store'])('a killed %s is noticed and named', async (name) => {
  const dataDir = await temporaryFolder();
  const embedded = await started(await optionsFor(dataDir));
  const pid = embedded.processes.find((child) => child.name === name)?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  expect(await embedded.childFailed).toContain(
    `${name} ended unexpectedly with signal SIGKILL; ${dataDir}/logs/${name}.log`,
  );
  await embedded.stop();
  await eventually('no process is left', async () => (await processesOf(dataDir)).length === 0);
});
