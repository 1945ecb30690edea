import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditOrigin, type Config } from '../config.ts';
import { createWhole } from './data-folder.ts';
import { EmbeddedStartError, hasCode } from './embedded-start-error.ts';

const pathIn = (dataDir: string) => join(dataDir, 'audit-origin');

/** The name of a log that is in the data folder, written there at its first start and never again. */
export async function keepOrigin({ AUDIT_ORIGIN, EVENTSTORE_URL, dataDir }: Config, publicUrl: string): Promise<void> {
  if (EVENTSTORE_URL === undefined) {
    await createWhole(pathIn(dataDir), `${AUDIT_ORIGIN ?? new URL(publicUrl).host}\n`);
  }
}

/** Under another port or address it is the same log: its former checkpoints go on to be its own. */
export async function withKeptOrigin(config: Config): Promise<Config> {
  if (config.AUDIT_ORIGIN !== undefined || config.EVENTSTORE_URL !== undefined) return config;
  const path = pathIn(config.dataDir);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (text === undefined) return config;
  const kept = auditOrigin.safeParse(text.trim());
  if (kept.success) return { ...config, AUDIT_ORIGIN: kept.data };
  throw new EmbeddedStartError(
    `${path} is damaged, it must hold the name of the log. Write the first line of a former checkpoint into it, or set AUDIT_ORIGIN to that.`,
  );
}
