import { chmod, mkdir, open, readFile, rm, stat, writeFile, link } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hasCode } from './embedded-start-error.ts';

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Root's data folder lets the unprivileged PostgreSQL pass through, and shows nobody what is in it. */
export async function prepareDataFolder(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  const { mode, uid } = await stat(dataDir);
  if (isRoot() && uid === 0 && (mode & 0o001) === 0) await chmod(dataDir, (mode & 0o777) | 0o001);
  await mkdir(join(dataDir, 'logs'), { recursive: true, mode: 0o700 });
}

export const logPath = (dataDir: string, name: string): string => join(dataDir, 'logs', `${name}.log`);

/** The end of a child's log, enough to recognise why it stopped. */
export async function logTail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.slice(-16_384);
}

/**
 * Writes a file that must not exist yet, whole or not at all; false when it exists.
 * A hard link publishes the finished file; where the file system has none, an exclusive create has to do.
 */
export async function createWhole(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await writeDurably(draft, content);
    await link(draft, path).catch(async (error: unknown) => {
      if (!hasCode(error, 'EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK')) throw error;
      await writeFile(path, content, { flag: 'wx', mode: 0o600 });
    });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A secret kept in the data folder, readable by its owner alone, made at the first call. */
export async function keptSecret(path: string, make: () => string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  await createWhole(path, `${make()}\n`);
  return (await readFile(path, 'utf8')).trim();
}

/** 192 bits in characters that need no escaping in a URL or a configuration file. */
export const randomPassword = (): string => randomBytes(24).toString('base64url');
