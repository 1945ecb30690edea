import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment, findOnPath } from './child-environment.ts';
import { EmbeddedStartError, storageProblemNow } from './embedded-start-error.ts';
import { fetchRedisPackage } from './redis-package.ts';

const run = promisify(execFile);
const names = ['redis-server', 'valkey-server'] as const;
const oldest = [6, 2] as const; // BullMQ's recommended minimum

export interface RedisBinary {
  command: string;
  env: Record<string, string>;
}

interface Search {
  dataDir: string;
  packageDir: string;
  now: Date;
  say: (line: string) => void;
}

/** Redis from the PATH, else from the distribution's package in the data folder, fetched at the first start. */
export async function findRedis({ dataDir, packageDir, now, say }: Search): Promise<RedisBinary> {
  const found = (await installedRedis()) ?? (await unpackedRedis(packageDir));
  if (found !== undefined) return found;
  say(`Redis is not installed: fetching the distribution's package into ${packageDir} (first start only).`);
  const outcome = await fetchRedisPackage({ folder: packageDir, dataDir, now });
  const fetched = await unpackedRedis(packageDir);
  if (fetched !== undefined) return fetched;
  throw await noRedis(dataDir, outcome?.output);
}

async function installedRedis(): Promise<RedisBinary | undefined> {
  for (const name of names) {
    const command = await findOnPath(name);
    if (command !== undefined && (await isRecent(command, childEnvironment())))
      return { command, env: childEnvironment() };
  }
  return undefined;
}

async function unpackedRedis(folder: string): Promise<RedisBinary | undefined> {
  const libraries = [join(folder, 'usr', 'lib'), join(folder, 'lib')];
  const nested = await Promise.all(
    libraries.map(async (path) => (await subfolders(path)).filter(isTriplet).map((name) => join(path, name))),
  );
  const env = childEnvironment({ LD_LIBRARY_PATH: [...nested.flat(), ...libraries].join(':') });
  for (const name of names) {
    const command = join(folder, 'usr', 'bin', name);
    if (await isRecent(command, env)) return { command, env };
  }
  return undefined;
}

const isTriplet = (name: string): boolean => name.includes('-linux-');
const subfolders = (path: string): Promise<string[]> => readdir(path).catch(() => []);

/** Also false when it does not run at all. */
async function isRecent(command: string, env: Record<string, string>): Promise<boolean> {
  const { stdout } = await run(command, ['--version'], { env, timeout: 5_000 }).catch(() => ({ stdout: '' }));
  const [, major, minor] = /\bv=(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) > oldest[0] || (Number(major) === oldest[0] && Number(minor) >= oldest[1]);
}

async function noRedis(dataDir: string, said: string | undefined): Promise<EmbeddedStartError> {
  // apt says "Permission denied" of many a thing it can do without; only a full disk is told apart here.
  const full = await storageProblemNow(/No space left on device/.exec(said ?? '')?.[0] ?? '', dataDir);
  if (full !== undefined) return new EmbeddedStartError(full);
  const tried =
    said === undefined
      ? ''
      : `, and the distribution's package could not be fetched (${join(dataDir, 'logs')} says why)`;
  return new EmbeddedStartError(
    `Redis ${oldest.join('.')} or newer was not found${tried}. Install it (Debian, Ubuntu: "apt-get install redis-server"; macOS: "brew install redis"), or set REDIS_URL to a server that runs, or use "docker compose up".`,
  );
}
