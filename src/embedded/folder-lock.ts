import { readFile, rename, rm } from 'node:fs/promises';
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import { createWhole } from './data-folder.ts';
import { EmbeddedStartError, hasCode } from './embedded-start-error.ts';
import { processMark } from './process-identity.ts';

export interface FolderLock {
  /** The former holder died without letting go, so its children may still be shutting down. */
  recovered: boolean;
  release: () => Promise<void>;
}

/** One embedded installation per data folder: `<dataDir>/lock` names the process that holds it. A dead holder's lock is taken over. */
export async function lockFolder(dataDir: string): Promise<FolderLock> {
  const path = join(dataDir, 'lock');
  const own = `${process.pid} ${(await processMark(process.pid)) ?? ''}\n`;
  let recovered = false;
  while (!(await createWhole(path, own))) {
    const found = await readFile(path, 'utf8').catch(ignoreMissing);
    if (found === undefined) continue;
    const holder = await livingHolder(found);
    if (holder !== undefined) {
      throw new EmbeddedStartError(
        `Another MBPanel Auth (process ${holder}) already runs on ${dataDir}. Stop it, or start this one with another DATA_DIR and other ports.`,
      );
    }
    await discard(path, found);
    recovered = true;
  }
  const release = async (): Promise<void> => {
    if ((await readFile(path, 'utf8').catch(ignoreMissing)) === own) await rm(path, { force: true });
  };
  return { recovered, release };
}

async function livingHolder(lock: string): Promise<number | undefined> {
  const [pid = '', mark = ''] = lock.trim().split(' ');
  if (!/^[1-9]\d*$/.test(pid)) return undefined;
  const current = await processMark(Number(pid));
  return current !== undefined && current === mark ? Number(pid) : undefined;
}

/** Moves the stale lock aside before deleting it, so that a lock another process has just taken is put back, not lost. */
async function discard(path: string, stale: string): Promise<void> {
  const aside = `${path}.stale.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== stale) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function ignoreMissing(error: unknown): undefined {
  if (hasCode(error, 'ENOENT')) return undefined;
  throw error;
}
