// Starts the embedded mode in a process of its own: prints what came up as one JSON line, stops on SIGTERM.
import { startEmbedded } from '../../src/embedded/start-embedded.ts';
import type { EmbeddedOptions } from '../../src/embedded/start-embedded.ts';

interface Wanted extends Omit<EmbeddedOptions, 'say' | 'eventStoreEntry'> {
  eventStoreEntry: string;
}

const { eventStoreEntry, ...wanted } = JSON.parse(process.argv[2] ?? '') as Wanted;
try {
  const embedded = await startEmbedded({ ...wanted, eventStoreEntry: new URL(eventStoreEntry), say: () => undefined });
  process.once('SIGTERM', () => {
    void embedded.stop().then(() => process.exit(0));
  });
  process.stdout.write(`${JSON.stringify(embedded)}\n`);
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
