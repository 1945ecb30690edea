import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { childEnvironment } from './child-environment.ts';
import { logPath, logTail } from './data-folder.ts';
import { EmbeddedStartError, storageProblemNow } from './embedded-start-error.ts';
import { ending } from './guarded-child.ts';
import type { Child } from './guarded-child.ts';

export interface EmbeddedEventStore {
  child: Child;
  eventStoreUrl: string;
}

const readyMs = 20_000;

/** The server beside the running code: compiled, or the source by way of tsx. */
const besideThisFile = new URL(
  import.meta.url.endsWith('.ts') ? './event-store/main.ts' : './event-store/main.js',
  import.meta.url,
);

interface EventStoreStart {
  dataDir: string;
  databaseUrl: string;
  port: number;
  entry?: URL;
}

/** Runs the event store server as a process of its own; it ends when the channel to this process closes. */
export async function startEventStore(start: EventStoreStart): Promise<EmbeddedEventStore> {
  const { dataDir, databaseUrl, port, entry = besideThisFile } = start;
  const log = logPath(dataDir, 'event-store');
  const logFile = await open(log, 'w', 0o600);
  const server = spawn(process.execPath, [...loaderFor(entry), fileURLToPath(entry)], {
    detached: true,
    env: childEnvironment({
      EVENT_STORE_DATABASE_URL: databaseUrl,
      EVENT_STORE_HOST: '127.0.0.1',
      EVENT_STORE_PORT: String(port),
    }),
    stdio: ['ignore', 'pipe', logFile.fd, 'ipc'],
  });
  await logFile.close();
  const exited = once(server, 'exit').then(
    ([code, signal]) => ending(code as number | null, signal as string | null),
    String,
  );
  const child: Child = {
    name: 'event-store',
    pid: server.pid ?? 0,
    exited,
    stop: () => {
      if (server.connected) server.disconnect();
    },
    kill: () => server.kill('SIGKILL'),
  };
  const listening = await Promise.race([readyPort(server), exited, pause(readyMs, 'no answer', { ref: false })]);
  if (typeof listening === 'number') return { child, eventStoreUrl: `esdb://127.0.0.1:${listening}?tls=false` };
  child.kill();
  throw await startFailed(start, listening ?? 'no answer', log);
}

function loaderFor(entry: URL): string[] {
  if (!entry.pathname.endsWith('.ts')) return ['--enable-source-maps'];
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];
}

async function readyPort({ stdout }: ChildProcess): Promise<number | undefined> {
  if (stdout === null) return undefined;
  const lines = createInterface({ input: stdout });
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const port = announcedPort(line);
      if (port !== undefined) resolve(port); // later lines are read and dropped, so that the pipe never fills
    });
  });
}

function announcedPort(line: string): number | undefined {
  try {
    const said: unknown = JSON.parse(line);
    if (typeof said !== 'object' || said === null || !('ready' in said) || !('port' in said)) return undefined;
    return said.ready === true && typeof said.port === 'number' ? said.port : undefined;
  } catch {
    return undefined;
  }
}

async function startFailed({ dataDir, port }: EventStoreStart, how: string, log: string): Promise<EmbeddedStartError> {
  const said = await logTail(log);
  const sentence = await storageProblemNow(said, dataDir);
  if (sentence !== undefined) return new EmbeddedStartError(sentence);
  if (/EADDRINUSE/.test(said)) {
    return new EmbeddedStartError(
      `Port ${port}, wanted for the event store, was taken by another program. Stop that program, or set EMBEDDED_EVENTSTORE_PORT to a port that is free.`,
    );
  }
  return new EmbeddedStartError(
    `The event store did not start (${how}); ${log} says why. If its data are damaged, restore ${dataDir} from a backup, or move it away to begin anew.`,
  );
}
