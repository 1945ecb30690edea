import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** The newest checkpoint outside of the stores: who rolls back the stores does not roll back this folder. */
export interface CheckpointFiles {
  /** `undefined` where none was written yet. */
  latest(): Promise<string | undefined>;
  /** Durable when it resolves, and never half there. Also kept: the last one of each day. */
  write(note: string, at: Date): Promise<void>;
}

export function checkpointFiles(folder: string): CheckpointFiles {
  const latest = join(folder, 'latest.checkpoint');
  return {
    latest: () =>
      readFile(latest, 'utf8').catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }),
    async write(note, at) {
      await mkdir(folder, { recursive: true });
      await replace(join(folder, `${at.toISOString().slice(0, 10)}.checkpoint`), note);
      await replace(latest, note);
      await sync(folder);
    },
  };
}

async function replace(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
