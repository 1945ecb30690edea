import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts, portOf } from '../../src/embedded/ports.ts';
import { ended, eventually, optionsFor, parent, processesOf, started, temporaryFolder } from './support.ts';

const noProcessOf = (dataDir: string): Promise<void> =>
  eventually('no process is left', async () => (await processesOf(dataDir)).length === 0);

test('SIGTERM ends the service and every child, and lets the folder go', async () => {
  const dataDir = await temporaryFolder();
  const service = await parent(await optionsFor(dataDir));
  service.process.kill('SIGTERM');
  expect(await ended(service.process)).toBe(0);
  await noProcessOf(dataDir);
  await expect(readFile(join(dataDir, 'lock'))).rejects.toThrow('ENOENT');
});

test('a killed parent leaves no process, and its lock is recovered', async () => {
  const dataDir = await temporaryFolder();
  const service = await parent(await optionsFor(dataDir));
  expect((await processesOf(dataDir)).length).toBeGreaterThan(4);
  service.process.kill('SIGKILL');
  await noProcessOf(dataDir);
  expect(await readFile(join(dataDir, 'lock'), 'utf8')).toContain(String(service.process.pid));
  await started(await optionsFor(dataDir));
});

test('a parent killed while it starts leaves no process, and the next start succeeds', async () => {
  const dataDir = await temporaryFolder();
  const options = await optionsFor(dataDir);
  const starting = parent(options);
  starting.catch(() => undefined);
  await eventually(
    'the setup of PostgreSQL is under way',
    async () => (await processesOf(join(dataDir, 'postgres.new'))).length > 0,
  );
  const holder = Number((await readFile(join(dataDir, 'lock'), 'utf8')).split(' ')[0]);
  process.kill(holder, 'SIGKILL');
  await noProcessOf(dataDir);
  await started(options);
});

test('right after a kill the next start on the same ports waits for the former children', async () => {
  const dataDir = await temporaryFolder();
  const want = { port: 0, what: '', variable: '' };
  const ports = await freePorts({ postgres: want, redis: want, eventStore: want, mailbox: want }, 0);
  const { postgres = 0, redis = 0, eventStore = 0, mailbox = 0 } = ports;
  const options = await optionsFor(dataDir, { ports: { postgres, redis, eventStore, mailbox } });
  const service = await parent(options);
  const client = new Redis(service.embedded.redisUrl ?? '', { retryStrategy: () => null });
  client.on('error', () => undefined);
  await client.set('kept', 'here');
  service.process.kill('SIGKILL');
  await ended(service.process);
  const again = await started(options);
  const reader = new Redis(again.redisUrl ?? '');
  onTestFinished(() => {
    client.disconnect();
    reader.disconnect();
  });
  expect(await reader.get('kept')).toBe('here');
});

test('servers that outlived parent and guard are ended before new ones start on their files', async () => {
  const dataDir = await temporaryFolder();
  const options = await optionsFor(dataDir);
  const service = await parent(options);
  const servers = service.embedded.processes.map(({ pid }) => pid);
  // The guards and watchers first, so that nobody tells the servers to end.
  const own = await Promise.all(
    (await processesOf(dataDir)).map(async (pid) => ({ pid, command: await readFile(`/proc/${pid}/cmdline`, 'utf8') })),
  );
  const guards = own.filter(({ command }) => command.startsWith('/bin/sh'));
  expect(guards.length).toBeGreaterThanOrEqual(4);
  process.kill(service.process.pid ?? 0, 'SIGSTOP'); // it must not notice that its children's guards are gone
  for (const { pid } of guards) process.kill(pid, 'SIGKILL');
  service.process.kill('SIGKILL');
  await ended(service.process);
  const [postgres = 0, redis = 0] = servers;
  expect(() => process.kill(postgres, 0)).not.toThrow();
  expect(() => process.kill(redis, 0)).not.toThrow();

  const again = await started(options);
  const alive = await processesOf(dataDir);
  expect(alive).not.toContain(postgres);
  expect(alive).not.toContain(redis);
  const client = new pg.Client({ connectionString: again.databaseUrl });
  await client.connect();
  await client.end();
});

test('a parent whose guard is killed notices, and the server ends with it', async () => {
  const dataDir = await temporaryFolder();
  const embedded = await started(await optionsFor(dataDir));
  const redis = embedded.processes.find(({ name }) => name === 'redis')?.pid ?? 0;
  const status = await readFile(`/proc/${redis}/status`, 'utf8');
  process.kill(Number(/PPid:\s+(\d+)/.exec(status)?.[1]), 'SIGKILL');
  expect(await embedded.childFailed).toContain('redis ended unexpectedly');
  await eventually('Redis is gone', async () => !(await processesOf(dataDir)).includes(redis));
});

test('a stale lock whose number another process has now is recovered', async () => {
  const dataDir = await temporaryFolder();
  await writeFile(join(dataDir, 'lock'), `${process.ppid} 1@another-boot\n`);
  await started(await optionsFor(dataDir));
});

test('a damaged lock is recovered', async () => {
  const dataDir = await temporaryFolder();
  await writeFile(join(dataDir, 'lock'), '');
  await started(await optionsFor(dataDir));
});

test('a stale lock does not make a foreign server on the port pass for a former child', async () => {
  const dataDir = await temporaryFolder();
  await writeFile(join(dataDir, 'lock'), '1 gone\n');
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const ports = { postgres: 0, redis: portOf(server), eventStore: 0, mailbox: 0 };
  await expect(started(await optionsFor(dataDir, { ports }))).rejects.toThrow('EMBEDDED_REDIS_PORT');
});
