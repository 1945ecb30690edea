import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Connections } from '../config.ts';
import { hasCode } from './embedded-start-error.ts';

const connections = z.strictObject({
  eventStoreUrl: z.string().optional(),
  databaseUrl: z.string().optional(),
  redisUrl: z.string().optional(),
  masterKey: z.string(),
  postmarkToken: z.string().optional(),
  postmarkApiUrl: z.string().optional(),
  geoipApiUrl: z.string().optional(),
  virtuozzoApiUrl: z.string().optional(),
});

type EmbeddedConnections = Partial<Connections> & Pick<Connections, 'masterKey'>;

const pathIn = (dataDir: string) => join(dataDir, 'connections.json');

/** How operator commands find the embedded servers while they run; readable by the owner alone. */
export async function saveEmbeddedConnections(dataDir: string, known: EmbeddedConnections): Promise<void> {
  await rm(pathIn(dataDir), { force: true });
  await writeFile(pathIn(dataDir), JSON.stringify(known), { mode: 0o600 });
}

/** What the service that runs on this folder brought up; nothing where none does. */
export async function embeddedConnections(dataDir: string): Promise<Partial<Connections>> {
  try {
    return connections.parse(JSON.parse(await readFile(pathIn(dataDir), 'utf8'))) as EmbeddedConnections;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return {};
    throw error;
  }
}

export async function forgetEmbeddedConnections(dataDir: string): Promise<void> {
  await rm(pathIn(dataDir), { force: true });
}
