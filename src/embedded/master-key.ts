import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keptSecret, prepareDataFolder } from './data-folder.ts';
import { asStartError, EmbeddedStartError } from './embedded-start-error.ts';

const keyBytes = 32;

/**
 * MASTER_KEY for the embedded mode, base64 of 32 random bytes: made at the first start in `<dataDir>/master.key`, mode 0600.
 * Throws an {@link EmbeddedStartError} when the file is damaged, or missing beside a database, for a new key could not
 * read what the old one encrypted.
 */
export async function embeddedMasterKey(dataDir: string): Promise<string> {
  const path = join(dataDir, 'master.key');
  try {
    await prepareDataFolder(dataDir);
    if ((await holdsDatabase(dataDir)) && !(await exists(path))) throw lost(dataDir, `${path} is missing`);
    const key = await keptSecret(path, () => randomBytes(keyBytes).toString('base64'));
    if (Buffer.from(key, 'base64').length === keyBytes) return key;
  } catch (error) {
    throw asStartError(error, dataDir);
  }
  throw lost(dataDir, `${path} is damaged, it must hold 32 bytes in base64`);
}

/** Makes the key of a data folder that has no database yet: a key that is missing later is then known to be lost. */
export async function makeFirstMasterKey(dataDir: string): Promise<void> {
  if (!(await holdsDatabase(dataDir))) await embeddedMasterKey(dataDir);
}

const lost = (dataDir: string, what: string): EmbeddedStartError =>
  new EmbeddedStartError(
    `${what}, and without the key personal data cannot be read. Restore it from a backup, or set MASTER_KEY, or move ${dataDir} away to begin anew.`,
  );

async function holdsDatabase(dataDir: string): Promise<boolean> {
  const files = await readdir(join(dataDir, 'postgres')).catch(() => []);
  return files.length > 0 || (await exists(join(dataDir, 'postgres.location')));
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
