import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment } from './child-environment.ts';
import { keptSecret, logPath, randomPassword } from './data-folder.ts';
import { EmbeddedStartError, hasCode, storageProblemNow } from './embedded-start-error.ts';
import { runGuarded } from './guarded-child.ts';
import { giveTo } from './postgres-home.ts';
import type { PostgresHome } from './postgres-home.ts';

export interface Cluster {
  folder: string;
  password: string;
}

/** The database cluster, made at the first start. Made beside its place and moved in when complete, so a killed start leaves nothing half made. */
export async function openCluster(dataDir: string, home: PostgresHome, say: (line: string) => void): Promise<Cluster> {
  const folder = join(home.folder, 'postgres');
  const passwordFile = join(dataDir, 'postgres.password');
  const files = await readdir(folder).catch(nothing);
  if (files.length === 0) {
    say(`Setting up PostgreSQL in ${folder} (first start only).`);
    const password = await keptSecret(passwordFile, randomPassword);
    await makeCluster(dataDir, home, folder, password);
    return { folder, password };
  }
  const version = await readFile(join(folder, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined) throw damaged(dataDir, `${folder} holds files but no PG_VERSION`);
  if (version.trim() !== home.majorVersion) throw otherVersion(folder, version.trim(), home.majorVersion);
  const password = await readFile(passwordFile, 'utf8').catch(() => undefined);
  if (password === undefined) throw damaged(dataDir, `${passwordFile} is missing or unreadable`);
  return { folder, password: password.trim() };
}

async function makeCluster(dataDir: string, home: PostgresHome, folder: string, password: string): Promise<void> {
  const draft = `${folder}.new`;
  const passwordFile = `${draft}.password`;
  const log = logPath(dataDir, 'postgres-setup');
  await rm(draft, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
    await Promise.all([giveTo(draft, home.owner), giveTo(passwordFile, home.owner)]);
    const args = ['-D', draft, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'];
    // The builtin locale sorts and folds case alike on every machine.
    const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const command = {
      name: 'initdb',
      command: home.bin('initdb'),
      args: [...args, ...locale],
      endWith: 'TERM',
    } as const;
    const owner = home.owner === undefined ? {} : { owner: home.owner };
    const made = await runGuarded({ ...command, log, env: childEnvironment(), ...owner });
    if (!made.succeeded) throw await setupFailed(dataDir, made.output, log);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function setupFailed(dataDir: string, said: string, log: string): Promise<EmbeddedStartError> {
  const sentence = await storageProblemNow(said, dataDir);
  return new EmbeddedStartError(
    sentence ??
      `PostgreSQL could not be set up: ${log} says why. Put that right and start again, or set DATABASE_URL to a server that runs.`,
  );
}

export const damaged = (dataDir: string, what: string): EmbeddedStartError =>
  new EmbeddedStartError(
    `The data folder ${dataDir} is damaged: ${what}. Restore the folder from a backup, or move it away to begin anew.`,
  );

const otherVersion = (folder: string, found: string, wanted: string): EmbeddedStartError =>
  new EmbeddedStartError(
    `${folder} was made by PostgreSQL ${found}, and this version brings PostgreSQL ${wanted}. Go back to the version that made it and take the data over with pg_dump, or move the folder away to begin anew.`,
  );

function nothing(error: unknown): string[] {
  if (hasCode(error, 'ENOENT')) return [];
  throw error;
}
