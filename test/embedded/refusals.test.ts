import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedStartError, embeddedMasterKey, startEmbedded } from '../../src/embedded/start-embedded.ts';
import type { EmbeddedOptions } from '../../src/embedded/start-embedded.ts';
import { portOf } from '../../src/embedded/ports.ts';
import { anyPorts, isRoot, nobody, optionsFor, parent, processesOf, started, temporaryFolder } from './support.ts';

async function refusal(options: EmbeddedOptions): Promise<string> {
  const error: unknown = await startEmbedded(options).then(
    (embedded) => embedded.stop(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EmbeddedStartError);
  expect(await processesOf(options.dataDir)).toEqual([]);
  return error instanceof Error ? error.message : '';
}

test('a second start on the same folder is refused, and the first runs on', async () => {
  const dataDir = await temporaryFolder();
  const options = await optionsFor(dataDir);
  const first = await parent(options);
  await expect(startEmbedded(options)).rejects.toThrow(
    `Another MBPanel Auth (process ${first.process.pid ?? ''}) already runs on ${dataDir}. Stop it, or start this one with another DATA_DIR and other ports.`,
  );
  expect(await readFile(join(dataDir, 'lock'), 'utf8')).toContain(String(first.process.pid));
  await expect(parent(options)).rejects.toThrow('already runs on');
});

test('of several starts at the same moment one gets the folder, a stale lock or not', async () => {
  const dataDir = await temporaryFolder();
  await writeFile(join(dataDir, 'lock'), '1 gone\n');
  const needs = { postgres: false, redis: false, eventStore: false, mailbox: true };
  const options = await optionsFor(dataDir, { needs });
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => parent(options)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test.each([
  ['postgres', 'EMBEDDED_POSTGRES_PORT'],
  ['redis', 'EMBEDDED_REDIS_PORT'],
  ['eventStore', 'EMBEDDED_EVENTSTORE_PORT'],
  ['mailbox', 'MAILBOX_PORT'],
])('a port in use is named with the variable to change: %s', async (part, variable) => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const port = portOf(server);
  const sentence = await refusal(await optionsFor(await temporaryFolder(), { ports: { ...anyPorts, [part]: port } }));
  expect(sentence).toMatch(
    new RegExp(`^Port ${port}, wanted for .+ is in use\\. .*${variable} to a port that is free\\.$`),
  );
});

test('two servers on one port are refused before anything starts', async () => {
  const ports = { ...anyPorts, postgres: 29_001, redis: 29_001 };
  expect(await refusal(await optionsFor(await temporaryFolder(), { ports }))).toContain('EMBEDDED_REDIS_PORT');
});

test('a cluster without PG_VERSION is called damaged, and left as it is', async () => {
  const dataDir = await temporaryFolder();
  await mkdir(join(dataDir, 'postgres'));
  await writeFile(join(dataDir, 'postgres', 'precious'), 'data');
  const sentence = await refusal(await optionsFor(dataDir));
  expect(sentence).toBe(
    `The data folder ${dataDir} is damaged: ${dataDir}/postgres holds files but no PG_VERSION. Restore the folder from a backup, or move it away to begin anew.`,
  );
  expect(await readFile(join(dataDir, 'postgres', 'precious'), 'utf8')).toBe('data');
});

test('a cluster of another PostgreSQL is refused with both versions', async () => {
  const dataDir = await temporaryFolder();
  await mkdir(join(dataDir, 'postgres'));
  await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '15\n');
  expect(await refusal(await optionsFor(dataDir))).toMatch(
    /made by PostgreSQL 15, and this version brings PostgreSQL 18/,
  );
});

test('a damaged cluster names the log to read', async () => {
  const dataDir = await temporaryFolder();
  const options = await optionsFor(dataDir);
  await (await startEmbedded(options)).stop();
  const control = join(dataDir, 'postgres', 'global', 'pg_control');
  await copyFile(control, join(dataDir, 'pg_control'));
  await rm(control);
  const sentence = await refusal(options);
  expect(sentence).toContain('PostgreSQL did not start: exit code');
  expect(sentence).toContain(join(dataDir, 'logs', 'postgres.log'));
  expect(sentence).toContain('Restore the folder from a backup, or move it away');

  await copyFile(join(dataDir, 'pg_control'), control);
  if (isRoot) await chown(control, nobody.uid, nobody.gid);
  await writeFile(join(dataDir, 'postgres.password'), 'another one\n');
  expect(await refusal(options)).toContain('postgres.password is not the password of its database');
  await rm(join(dataDir, 'postgres.password'));
  expect(await refusal(options)).toContain('postgres.password is missing');
});

test('a master key that is gone from a folder with data is not replaced by another', async () => {
  const dataDir = await temporaryFolder();
  const needs = { postgres: true, redis: false, eventStore: false, mailbox: false };
  const options = await optionsFor(dataDir, { needs });
  const first = await started(options);
  const key = await embeddedMasterKey(dataDir);
  await first.stop();
  await rm(join(dataDir, 'master.key'));
  await started(options);
  await expect(embeddedMasterKey(dataDir)).rejects.toThrow(/master\.key is missing, .*set MASTER_KEY/);
  await writeFile(join(dataDir, 'master.key'), key);
  expect(await embeddedMasterKey(dataDir)).toBe(key);
});

test('damaged Redis files name the log and say what may be moved away', async () => {
  const dataDir = await temporaryFolder();
  const needs = { postgres: false, redis: true, eventStore: false, mailbox: false };
  const options = await optionsFor(dataDir, { needs });
  await (await startEmbedded(options)).stop();
  await writeFile(join(dataDir, 'redis', 'appendonlydir', 'appendonly.aof.manifest'), 'not a manifest\n');
  const sentence = await refusal(options);
  expect(sentence).toContain(join(dataDir, 'logs', 'redis.log'));
  expect(sentence).toContain(`move ${join(dataDir, 'redis')} away`);
});

test('an event store that ends at its start names its log', async () => {
  const dataDir = await temporaryFolder();
  const needs = { postgres: false, redis: false, eventStore: true, mailbox: false };
  const options = await optionsFor(dataDir, { needs, databaseUrl: 'postgres://127.0.0.1:1/x' });
  const broken = join(dataDir, 'broken.mjs');
  await writeFile(broken, `throw new Error('no tables');\n`);
  const sentence = await refusal({ ...options, eventStoreEntry: new URL(`file://${broken}`) });
  expect(sentence).toContain('The event store did not start (exit code 1)');
  expect(await readFile(join(dataDir, 'logs', 'event-store.log'), 'utf8')).toContain('no tables');
});

test('a file in the place of the data folder is named', async () => {
  const file = join(await temporaryFolder(), 'file');
  const options = await optionsFor(await temporaryFolder());
  await writeFile(file, '');
  expect(await refusal({ ...options, dataDir: file })).toContain(`${file} cannot be the data folder`);
});

test.runIf(isRoot)('a full disk says so, in words', async (context) => {
  for (const size of ['64k', '8m', '40m']) {
    const dataDir = join(await temporaryFolder(), 'small');
    await mkdir(dataDir);
    try {
      execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dataDir], { stdio: 'pipe' });
    } catch {
      context.skip('mounting is not permitted here');
    }
    const unmount = (): void => void execFileSync('/bin/umount', [dataDir]);
    const sentence = await optionsFor(dataDir).then(refusal).finally(unmount);
    expect(sentence).toBe(
      `The disk that holds ${dataDir} is full. Free some space there, or set DATA_DIR to a folder on another disk, then start again.`,
    );
  }
});

test.runIf(isRoot)('a disk that fills up later says so at the next start', async (context) => {
  const dataDir = join(await temporaryFolder(), 'small');
  await mkdir(dataDir);
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', dataDir], { stdio: 'pipe' });
  } catch {
    context.skip('mounting is not permitted here');
  }
  onTestFinished(() => void execFileSync('/bin/umount', [dataDir]));
  const options = await optionsFor(dataDir);
  await (await startEmbedded(options)).stop();
  execFileSync('sh', ['-c', `cat /dev/zero > ${dataDir}/filler || true`], { stdio: 'pipe' });
  expect(await refusal(options)).toContain(`The disk that holds ${dataDir} is full.`);
  await rm(join(dataDir, 'filler'));
  await (await startEmbedded(options)).stop();
});

test.runIf(isRoot)('a folder that may not be written says whose it must be', async () => {
  const folder = await temporaryFolder();
  await chmod(folder, 0o755);
  const dataDir = join(folder, 'of-root');
  await mkdir(dataDir, { mode: 0o755 });
  const options = await optionsFor(dataDir);
  await expect(parent(options, { user: nobody })).rejects.toThrow(
    `The data folder ${dataDir} cannot be written by this user.`,
  );
});

test('without Redis and without apt the three ways out are named', async () => {
  const dataDir = await temporaryFolder();
  const path = join(dataDir, 'bin');
  await mkdir(path);
  await symlink('/bin/cat', join(path, 'cat'));
  const options = await optionsFor(dataDir, { redisPackageDir: join(dataDir, 'none') });
  const outcome = parent(options, { env: { PATH: path } });
  await expect(outcome).rejects.toThrow(/apt-get install redis-server.*REDIS_URL.*docker compose up/);
  expect(await processesOf(dataDir)).toEqual([]);
});

test('after a refusal, once the cause is gone, the same folder starts', async () => {
  const dataDir = await temporaryFolder();
  const options = await optionsFor(dataDir);
  const broken = join(dataDir, 'broken.mjs');
  await writeFile(broken, 'process.exit(3);\n');
  expect(await refusal({ ...options, eventStoreEntry: new URL(`file://${broken}`) })).toContain('exit code 3');
  await started(options);
});
