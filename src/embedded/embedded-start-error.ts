import { statfs } from 'node:fs/promises';

/** The embedded mode cannot start. The message is one sentence for the person at the terminal and says what to do. */
export class EmbeddedStartError extends Error {
  override readonly name = 'EmbeddedStartError';
}

const fullDisk = /ENOSPC|EDQUOT|No space left on device|Check free disk space|Disk quota exceeded/i;
const notAllowed = /EACCES|EPERM|EROFS|Permission denied|Read-only file system/i;

/** The sentence for a full disk or a folder that may not be written, whether Node or a child's log says so. */
function storageProblem(text: string, dataDir: string): string | undefined {
  if (fullDisk.test(text)) {
    return `The disk that holds ${dataDir} is full. Free some space there, or set DATA_DIR to a folder on another disk, then start again.`;
  }
  if (notAllowed.test(text)) {
    return `The data folder ${dataDir} cannot be written by this user. Give it to this user (chown -R), or set DATA_DIR to a folder that may be written, then start again.`;
  }
  return undefined;
}

const leastFreeBytes = 1_048_576;

/** As {@link storageProblem}, and asks the disk itself too: on a full one, a child cannot even log why it ended. */
export async function storageProblemNow(text: string, dataDir: string): Promise<string | undefined> {
  const known = storageProblem(text, dataDir);
  if (known !== undefined) return known;
  const disk = await statfs(dataDir).catch(() => undefined);
  const full = disk !== undefined && disk.bavail * disk.bsize < leastFreeBytes;
  return full ? storageProblem('ENOSPC', dataDir) : undefined;
}

/** Turns what the file system refused into a sentence; anything else is passed on unchanged. */
export function asStartError(error: unknown, dataDir: string): unknown {
  if (error instanceof EmbeddedStartError || !(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ENOTDIR' || error.code === 'EEXIST') {
    return new EmbeddedStartError(
      `${dataDir} cannot be the data folder: a file stands where a folder must be. Move it away, or set DATA_DIR to another folder.`,
      { cause: error },
    );
  }
  const sentence = storageProblem(String(error.code), dataDir);
  return sentence === undefined ? error : new EmbeddedStartError(sentence, { cause: error });
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
