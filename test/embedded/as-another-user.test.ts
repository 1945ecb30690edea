import { chmod, chown, mkdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import pg from 'pg';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { fetchRedisPackage } from '../../src/embedded/redis-package.ts';
import {
  ended,
  eventually,
  isRoot,
  nobody,
  optionsFor,
  parent,
  processesOf,
  started,
  temporaryFolder,
} from './support.ts';

const onPath = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
const hasApt = onPath('apt-get') && onPath('dpkg-deb');

async function ownerOf(pid: number): Promise<number> {
  return (await stat(`/proc/${pid}`)).uid;
}

const pidOf = (processes: { name: string; pid: number }[], name: string): number =>
  processes.find((child) => child.name === name)?.pid ?? 0;

test.runIf(isRoot)('started by root, PostgreSQL runs as an unprivileged user', async () => {
  const { processes } = await started(await optionsFor(await temporaryFolder()));
  expect(await ownerOf(pidOf(processes, 'postgres'))).toBe(nobody.uid);
});

test.runIf(isRoot)('below a folder that only root may enter, its data are kept where it may go', async () => {
  const folder = await temporaryFolder();
  await chmod(folder, 0o700);
  const dataDir = join(folder, 'private', '.data');
  await mkdir(dataDir, { recursive: true });
  const options = await optionsFor(dataDir);
  const said: string[] = [];
  const locate = async (): Promise<string> => (await readFile(join(dataDir, 'postgres.location'), 'utf8')).trim();
  onTestFinished(async () => {
    const location = await locate();
    await rm(location, { recursive: true });
    await rmdir(dirname(location)).catch(() => undefined); // another installation may be there
  });
  const first = await started({ ...options, say: (line) => said.push(line) });
  const location = await locate();
  expect(said.join('\n')).toContain(`its data are kept in ${location}`);
  const client = new pg.Client({ connectionString: first.databaseUrl });
  await client.connect();
  await client.query('create table kept ()');
  await client.end();
  await first.stop();
  const second = await started(options);
  const again = new pg.Client({ connectionString: second.databaseUrl });
  await again.connect();
  expect((await again.query('select from kept')).rowCount).toBe(0);
  await again.end();
});

test.runIf(isRoot)('a folder that an ordinary user made stays that user’s when root starts the service', async () => {
  const dataDir = await temporaryFolder();
  await chown(dataDir, nobody.uid, nobody.gid);
  const options = await optionsFor(dataDir);
  const byUser = await parent(options, { user: nobody });
  expect(await ownerOf(byUser.process.pid ?? 0)).toBe(nobody.uid);
  byUser.process.kill('SIGTERM');
  expect(await ended(byUser.process)).toBe(0);
  await eventually('no process is left', async () => (await processesOf(dataDir)).length === 0);
  const byRoot = await started(options);
  expect(await ownerOf(pidOf(byRoot.processes, 'postgres'))).toBe(nobody.uid);
});

test.runIf(isRoot && hasApt && !onPath('redis-server') && !onPath('valkey-server'))(
  'an ordinary user gets Redis from the distribution’s package, and only the data folder changes',
  async () => {
    const dataDir = await temporaryFolder();
    await chown(dataDir, nobody.uid, nobody.gid);
    const redisPackageDir = join(dataDir, 'redis-package');
    const { embedded } = await parent(await optionsFor(dataDir, { redisPackageDir }), { user: nobody });
    const redis = new Redis(embedded.redisUrl ?? '');
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
    expect(onPath('redis-server')).toBe(false);
    expect((await stat(redisPackageDir)).uid).toBe(nobody.uid);
  },
);

test.runIf(hasApt)(
  'fresh package lists of the system are optional: own lists give the package too, and nothing half done stays',
  async () => {
    const dataDir = await temporaryFolder();
    await mkdir(join(dataDir, 'logs'));
    const folder = join(dataDir, 'redis-package');
    await mkdir(`${folder}.part-999999999`); // a killed download's
    const farAhead = new Date(Date.now() + 365 * 86_400_000);
    expect(await fetchRedisPackage({ folder, dataDir, now: farAhead })).toMatchObject({ succeeded: true });
    expect((await stat(join(folder, 'usr', 'bin', 'redis-server'))).isFile()).toBe(true);
    await expect(stat(`${folder}.part-999999999`)).rejects.toThrow('ENOENT');
    await expect(stat(`${folder}.part-${process.pid}`)).rejects.toThrow('ENOENT');
  },
);
