import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { childEnvironment } from './child-environment.ts';
import { logPath, logTail } from './data-folder.ts';
import { EmbeddedStartError, hasCode, storageProblemNow } from './embedded-start-error.ts';
import { endChild, silenceOf, startGuarded } from './guarded-child.ts';
import type { Child } from './guarded-child.ts';
import { damaged, openCluster } from './postgres-cluster.ts';
import type { Cluster } from './postgres-cluster.ts';
import { postgresHome } from './postgres-home.ts';
import type { PostgresHome } from './postgres-home.ts';
import { commandLine, endProcess } from './process-identity.ts';

export interface EmbeddedPostgres {
  child: Child;
  databaseUrl: string;
  eventStoreDatabaseUrl: string;
}

const pollMs = 20;
const orphanMs = 10_000;
const stopMs = 3_000;
const role = 'mbauth';
const databases = ['mbauth', 'mbauth_eventstore'] as const;

export async function startPostgres(
  dataDir: string,
  port: number,
  say: (line: string) => void,
): Promise<EmbeddedPostgres> {
  const home = await postgresHome(dataDir, say);
  const cluster = await openCluster(dataDir, home, say);
  await endFormerPostgres(cluster.folder);
  const log = logPath(dataDir, 'postgres');
  const child = await launch({ dataDir, home, cluster, port, log }, orphanMs);
  try {
    await prepareDatabases(port, cluster.password);
  } catch (error) {
    await endChild(child, pause(stopMs, undefined, { ref: false }));
    throw await unusable(error, dataDir, log);
  }
  const url = (database: string): string => `postgres://${role}:${cluster.password}@127.0.0.1:${port}/${database}`;
  return { child, databaseUrl: url(databases[0]), eventStoreDatabaseUrl: url(databases[1]) };
}

/** A killed parent's PostgreSQL may still be shutting down on this folder: wait for it, for two must never share one. */
async function endFormerPostgres(folder: string): Promise<void> {
  const pidFile = join(folder, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  if (!/postgres/.test(await commandLine(pid))) {
    await rm(pidFile, { force: true }); // its process is gone, and another program has the number now
    return;
  }
  if ((await endProcess(pid, 'SIGINT', orphanMs)) || (await endProcess(pid, 'SIGQUIT', orphanMs / 2))) return;
  throw new EmbeddedStartError(
    `A PostgreSQL from an earlier run (process ${pid}) still uses ${folder} and does not end. End it with "kill -QUIT ${pid}", then start again.`,
  );
}

interface Launch {
  dataDir: string;
  home: PostgresHome;
  cluster: Cluster;
  port: number;
  log: string;
}

/** Starts the server and waits until it answers. Backends of a killed server may hold its shared memory for a moment: then again. */
async function launch(start: Launch, patienceMs: number): Promise<Child> {
  const { home, cluster, port, log } = start;
  const child = await startGuarded({
    name: 'postgres',
    command: home.bin('postgres'),
    args: ['-D', cluster.folder, ...settings(port)],
    endWith: 'INT',
    log,
    env: childEnvironment(),
    ...(home.owner === undefined ? {} : { owner: home.owner }),
  });
  const silence = await silenceOf(child, () => answers(port, cluster.password));
  if (silence === undefined) return child;
  child.kill();
  const said = await logTail(log);
  if (/still in use|lock file .* already exists/.test(said) && patienceMs > 0) {
    await pause(pollMs);
    return launch(start, patienceMs - 10 * pollMs);
  }
  throw await startFailed(start, silence, said);
}

function settings(port: number): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '96MB',
    jit: 'off',
    max_wal_size: '256MB',
    min_wal_size: '64MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function startFailed({ dataDir, port, log }: Launch, how: string, said: string): Promise<EmbeddedStartError> {
  const sentence = await storageProblemNow(said, dataDir);
  if (sentence !== undefined) return new EmbeddedStartError(sentence);
  if (/could not bind|Address already in use/i.test(said)) {
    return new EmbeddedStartError(
      `Port ${port}, wanted for PostgreSQL, was taken by another program. Stop that program, or set EMBEDDED_POSTGRES_PORT to a port that is free.`,
    );
  }
  return damaged(dataDir, `PostgreSQL did not start: ${how} (${log} says why)`);
}

/** Any answer counts but that of a server still starting up; what it says is looked at later. */
async function answers(port: number, password: string): Promise<boolean> {
  return connect(port, password).then(
    (client) => client.end().then(() => true),
    (error: unknown) => !hasCode(error, 'ECONNREFUSED', 'ECONNRESET', '57P03'),
  );
}

async function connect(port: number, password: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    database: 'postgres',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => undefined); // a lost connection shows in the next query
  await client.connect();
  return client;
}

/** The service is no superuser: it owns its two databases, and may make more (a test run does). */
async function prepareDatabases(port: number, password: string): Promise<void> {
  const client = await connect(port, password);
  try {
    const roles = await client.query('select from pg_roles where rolname = $1', [role]);
    if (roles.rowCount === 0)
      await client.query(`create role ${role} login createdb password ${client.escapeLiteral(password)}`);
    const made = await client.query<{ datname: string }>('select datname from pg_database');
    const existing = new Set(made.rows.map(({ datname }) => datname));
    for (const name of databases.filter((database) => !existing.has(database))) {
      await client.query(`create database ${name} owner ${role}`);
    }
  } finally {
    await client.end();
  }
}

async function unusable(error: unknown, dataDir: string, log: string): Promise<EmbeddedStartError> {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = await storageProblemNow(`${message}\n${await logTail(log)}`, dataDir);
  if (sentence !== undefined) return new EmbeddedStartError(sentence, { cause: error });
  if (hasCode(error, '28P01')) return damaged(dataDir, 'postgres.password is not the password of its database');
  return damaged(dataDir, `PostgreSQL answers "${message}" (${log} says more)`);
}
