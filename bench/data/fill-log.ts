import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { eventCodec } from '../../src/adapters/event-codec.ts';
import { Unavailable } from '../../src/application/ports.ts';
import { compose } from '../../src/compose.ts';
import { completeConnections, configuredConnections, loadConfig } from '../../src/config.ts';
import type { Installation } from '../service.ts';
import type { Stores } from '../stores.ts';
import { openBulkLoad } from './bulk-load.ts';
import { lifeOf } from './life.ts';

/** Each needs a key and its address kept, and so many may wait for the connections of the service to its database. */
const peopleAtOnce = 32;
const seed = 1;

export interface Filling {
  /** People have numbers: from the first on, up to but without the last. */
  readonly from: number;
  readonly to: number;
  /** Of each. */
  readonly logins?: number;
  readonly signal?: AbortSignal;
}

/**
 * What these people did, into the log of an installation that nobody runs meanwhile, by the service's own codec, vault
 * and event store. Answers how many events that were.
 */
export async function fillLog(
  stores: Stores,
  { settings }: Installation,
  { from, to, logins, signal: wanted }: Filling,
): Promise<number> {
  const config = loadConfig(settings);
  const connections = completeConnections(configuredConnections(config));
  const logger = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }));
  const { signal } = new AbortController();
  const service = await compose({ config, connections, publicUrl: 'http://localhost', logger, signal });
  try {
    const { subjectKeys } = service.vault;
    const codec = eventCodec({ subjectKeys, rememberAddress: service.clientAddresses.remember });
    const databaseUrl = stores.eventStoreDatabaseUrl;
    const load = await openBulkLoad({ databaseUrl, codec, prefix: config.STREAM_PREFIX });
    let events = 0;
    try {
      for (let first = from; first < to; first += peopleAtOnce) {
        wanted?.throwIfAborted();
        const numbers = Array.from({ length: Math.min(peopleAtOnce, to - first) }, (_, n) => first + n);
        const lives = numbers.map((number) => lifeOf(seed, number, logins));
        // One after the other for each person, or every event of theirs would make a key.
        await Promise.all(lives.map(({ userId }) => patiently(() => subjectKeys.forSealing(userId))));
        const chapters = lives.flatMap((life) => life.chapters);
        await load.append(chapters);
        events += chapters.reduce((sum, chapter) => sum + chapter.events.length, 0);
      }
    } finally {
      await load.end();
    }
    return events;
  } finally {
    await service.close();
  }
}

const patienceMs = 30_000;
const pauseMs = 250;

/** Where the machine is busy, the service's database gives up before a load of data should. */
async function patiently(work: () => Promise<unknown>): Promise<void> {
  for (const deadline = performance.now() + patienceMs; ;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof Unavailable) || performance.now() > deadline) throw error;
    }
    await pause(pauseMs);
  }
}
