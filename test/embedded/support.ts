import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { createRequire } from 'node:module';
import { onTestFinished } from 'vitest';
import { startEmbedded } from '../../src/embedded/start-embedded.ts';
import type { Embedded, EmbeddedOptions } from '../../src/embedded/start-embedded.ts';

export const isRoot = process.getuid?.() === 0;
export const nobody = { uid: 65_534, gid: 65_534 };

/** Unpacked once for all test runs. */
const redisPackageDir = fileURLToPath(new URL('../../node_modules/.cache/mbpanel-auth/redis-package', import.meta.url));

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mbauth-embedded-'));
  await chmod(folder, 0o711);
  onTestFinished(async () => {
    await eventually('no process is left', async () => (await processesOf(folder)).length === 0);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

export async function eventually(
  what: string,
  holds: () => Promise<boolean> | boolean,
  withinMs = 10_000,
): Promise<void> {
  for (let waited = 0; waited < withinMs; waited += 20) {
    if (await holds()) return;
    await pause(20);
  }
  throw new Error(`Not within ${withinMs} ms: ${what}`);
}

/** Every process that works in the folder or was started with a path in it. */
export async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return pid !== process.pid && (cwd.startsWith(folder) || command.includes(folder)) ? [pid] : [];
    }),
  );
  return found.flat();
}

/** A stand-in for the event store server that keeps its contract: it says when it is ready, and ends with its parent. */
async function eventStoreEntry(folder: string): Promise<URL> {
  const path = join(folder, 'event-store-stand-in.mjs');
  await writeFile(
    path,
    `import { createServer } from 'node:http';
process.on('disconnect', () => process.exit(0));
const server = createServer((request, response) => response.end(JSON.stringify(process.env)));
server.listen(Number(process.env.EVENT_STORE_PORT), process.env.EVENT_STORE_HOST, () =>
  console.log(JSON.stringify({ ready: true, port: server.address().port })));
`,
  );
  return pathToFileURL(path);
}

const all = { postgres: true, redis: true, eventStore: true, mailbox: true } as const;
export const anyPorts = { postgres: 0, redis: 0, eventStore: 0, mailbox: 0 } as const;

export async function optionsFor(dataDir: string, more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedOptions> {
  const eventStore = await eventStoreEntry(dataDir);
  return {
    dataDir,
    needs: all,
    ports: anyPorts,
    redisPackageDir,
    eventStoreEntry: eventStore,
    say: () => undefined,
    ...more,
  };
}

/** Started for one test, and stopped when it ends however it ends. */
export async function started(options: EmbeddedOptions): Promise<Embedded> {
  const embedded = await startEmbedded(options);
  onTestFinished(() => embedded.stop());
  return embedded;
}

export interface Parent {
  process: ChildProcessByStdio<null, Readable, Readable>;
  embedded: Pick<Embedded, 'databaseUrl' | 'redisUrl' | 'eventStoreUrl' | 'mailboxUrl' | 'processes'>;
}

interface ParentOptions {
  user?: { uid: number; gid: number };
  env?: NodeJS.ProcessEnv;
}

/** A process of its own that starts the embedded mode, as the service does. */
export async function parent(
  options: Omit<EmbeddedOptions, 'say'>,
  { user, env }: ParentOptions = {},
): Promise<Parent> {
  const script = fileURLToPath(new URL('./run-embedded.ts', import.meta.url));
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = spawn(process.execPath, ['--import', tsx, script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...user,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  for await (const line of createInterface({ input: child.stdout })) {
    return { process: child, embedded: JSON.parse(line) as Parent['embedded'] };
  }
  throw new Error(`The parent ended at its start: ${errors}`);
}

export async function ended(child: Parent['process']): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
