import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { Unavailable } from '../../src/application/ports.ts';
import { compose } from '../../src/compose.ts';
import { completeConnections, configuredConnections, loadConfig } from '../../src/config.ts';
import type { Installation } from '../service.ts';
import { eventsOfLife, lifeOf } from './life.ts';

/** Below the connections of the service to its database, which nobody waits for long. */
const peopleAtOnce = 16;
const seed = 1;

/**
 * At least so many events in the log of an installation that nobody runs yet, by the codec and the appends of the
 * service itself. Answers how many there are.
 */
export async function fillLog({ settings }: Installation, wanted: number): Promise<number> {
  const config = loadConfig(settings);
  const connections = completeConnections(configuredConnections(config));
  const stopping = new AbortController();
  const logger = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }));
  const publicUrl = 'http://localhost';
  const service = await compose({ config, connections, publicUrl, logger, signal: stopping.signal });
  const people = Math.ceil(wanted / eventsOfLife);
  let next = 0;
  const live = async () => {
    for (let number = next++; number < people; number = next++) {
      for (const { stream, events } of lifeOf(seed, number)) {
        await patiently(() => service.eventStore.append(stream, events, 'no-stream'));
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: peopleAtOnce }, live));
    return people * eventsOfLife;
  } finally {
    await service.close();
  }
}

const patienceMs = 30_000;
const pauseMs = 250;

/** An append is safe to repeat: the same ids at the same revision are one. */
async function patiently(append: () => Promise<unknown>): Promise<void> {
  for (const deadline = performance.now() + patienceMs; ;) {
    try {
      await append();
      return;
    } catch (error) {
      if (!(error instanceof Unavailable) || performance.now() > deadline) throw error;
    }
    await pause(pauseMs);
  }
}
