import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { createCommitLog } from './commit-log.ts';
import { readConfig, type EventStoreConfig } from './config.ts';
import { reader, readerPool } from './database.ts';
import { startServer } from './server.ts';
import { createStreamStates } from './stream-states.ts';
import { openWriter } from './writer.ts';
import { openWriterSession, reopenWriterSession } from './writer-session.ts';

/** The former server may still be dying and hold the lock. */
const lockPatienceMs = 5000;
const healthPatienceMs = 2000;
const shutdownMs = 1500;

// Most of what the server allocates is gone after one answer: it stays small if garbage is collected early.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=20');

const now = (): number => Date.now();

/** Brings the server up and returns what takes it down again. */
async function start(config: EventStoreConfig): Promise<{ port: number; stop: () => Promise<void> }> {
  let stopping = false;
  const log = createCommitLog();
  const states = createStreamStates();
  const writer = await openWriter({
    open: (lost) => openWriterSession(config.databaseUrl, lost, lockPatienceMs),
    reopen: (lost) => reopenWriterSession(config.databaseUrl, lost, () => stopping),
    log,
    states,
    now,
    newId: randomUUID,
  });
  const pool = readerPool(config.databaseUrl);
  const run = reader(pool);
  const isAvailable = (): Promise<boolean> => {
    const answered = run({ text: 'select 1', values: [] }).then(() => writer.isAvailable());
    const tooLate = new Promise<boolean>((resolve) => setTimeout(resolve, healthPatienceMs, false).unref());
    return Promise.race([answered, tooLate]);
  };
  const reads = { run, log, states, now, newId: randomUUID };
  const server = await startServer(config, { writer, reads, isAvailable });
  return {
    port: server.port,
    stop: async () => {
      stopping = true;
      const written = writer.close();
      server.drain();
      await written;
      server.drain();
      server.close();
      await pool.end();
    },
  };
}

function exitOn(stop: () => Promise<void>): void {
  let exiting = false;
  const exit = (): void => {
    if (exiting) return;
    exiting = true;
    setTimeout(() => process.exit(0), shutdownMs).unref();
    void stop().finally(() => process.exit(0));
  };
  process.on('SIGTERM', exit);
  process.on('SIGINT', exit);
  // A server that was spawned with a channel does not outlive its parent.
  process.on('disconnect', exit);
}

try {
  const { port, stop } = await start(readConfig(process.env));
  exitOn(stop);
  process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
