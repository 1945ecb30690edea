import type { PoolClient } from 'pg';
import type { LogEntry, Recorded } from '../application/ports.ts';
import type { Tracing } from '../application/tracing.ts';
import { enqueueWindow, type EnqueueWindow } from './enqueue-window.ts';
import { pause } from './pause.ts';
import { outageLog } from './queue-connection.ts';
import type { QueueMarker } from './queue-marker.ts';
import { saveGeneration, saveProgress } from './reaction-progress.ts';
import type { Start } from './reaction-start.ts';
import { jobsFor, type JobToMake } from './reactions.ts';
import type { ReactionOptions } from './reaction-options.ts';

/** Events whose jobs are on their way into the queue at once. */
const mostAtOnce = 128;
const saveEveryMs = 200;
/** Redis has its writes on disk after a second (`appendfsync everysec`). */
const durableAfterMs = 2000;

interface Round extends ReactionOptions {
  readonly sql: PoolClient;
  readonly marker: QueueMarker;
  readonly start: Start;
  readonly signal: AbortSignal;
  /** Aborted to begin again from where the queue has everything. */
  readonly round: AbortController;
  readonly hasBegun: () => unknown;
}

/** Puts the jobs of each event into the queue, until the signal aborts. Throws when the log or the database goes away. */
export async function follow(options: Round): Promise<void> {
  const { subscribe, start, signal, round } = options;
  const window = enqueueWindow(mostAtOnce, signal);
  const enqueue = enqueuer(options);
  const books = keepBooks(options, window, () => enqueue.lastAt()).catch((error: unknown) => {
    round.abort();
    throw error;
  });
  // Awaited below; until then a failure is no unhandled one.
  books.catch(() => undefined);
  try {
    for await (const entry of subscribe(start.after, signal)) {
      options.hasBegun();
      if (entry.kind !== 'caught-up') await window.add(entry.position, jobsOf(entry, enqueue.all));
    }
  } finally {
    round.abort();
    await books;
  }
}

function jobsOf(
  entry: Exclude<LogEntry, { kind: 'caught-up' }>,
  enqueueAll: (recorded: Recorded, jobs: readonly JobToMake[]) => Promise<boolean>,
): Promise<boolean> | undefined {
  if (entry.kind === 'checkpoint') return undefined;
  const jobs = jobsFor(entry.recorded);
  return jobs.length === 0 ? undefined : enqueueAll(entry.recorded, jobs);
}

/** Tries until the queue has the jobs: an outage makes them late, and skips none. */
function enqueuer({ queue, clock, metrics, logger, start, signal, tracing }: Round) {
  const outage = outageLog(logger);
  let lastAt = start.enqueuedAt;

  return {
    lastAt: () => lastAt,
    all: async (recorded: Recorded, jobs: readonly JobToMake[]): Promise<boolean> => {
      const isRepeat = start.madeUpTo !== undefined && recorded.position <= start.madeUpTo;
      const make = () => Promise.all(jobs.map(enqueue));
      const made = await (tracing === undefined || isRepeat ? make() : inReaction(tracing, recorded, make));
      if (made.includes(false)) return false;
      lastAt = clock();
      if (!isRepeat) metrics.eventToJobSeconds((lastAt.getTime() - recorded.recordedAt.getTime()) / 1000);
      return true;
    },
  };

  async function enqueue({ name, payload, ...options }: JobToMake): Promise<boolean> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await queue.enqueue(name, payload, options);
        outage.ended();
        return true;
      } catch (error) {
        outage.began(error);
        await pause(Math.min(50 * 2 ** Math.min(attempt, 10), 1000), signal);
      }
    }
    return false;
  }
}

/** Goes on with the trace of the event, and its jobs with this. What is made a second time has had its span. */
function inReaction<Result>(tracing: Tracing, { event, context }: Recorded, make: () => Promise<Result>) {
  const attributes = { 'mbauth.event_type': event.type };
  return tracing.continuing(context.traceparent, { name: `react ${event.type}`, kind: 'producer', attributes }, make);
}

/** Saves how far it has come, and ends the round when Redis has lost its mark. */
async function keepBooks(options: Round, window: EnqueueWindow, enqueuedAt: () => Date): Promise<void> {
  const { sql, marker, start, clock, signal, round, markerCheckMs = 5000 } = options;
  let saved = start.madeUpTo ?? -1n;
  let checkedAt = clock().getTime();
  let remadeAt: number | undefined;
  let confirmed = !start.isNewGeneration;

  while (!signal.aborted) {
    await pause(saveEveryMs, signal);
    await save();
    await confirmGeneration();
    await checkMarker();
  }

  async function save(): Promise<void> {
    const position = window.done();
    if (position === undefined || position <= saved) return;
    await saveProgress(sql, { position, enqueuedAt: enqueuedAt(), now: clock() });
    saved = position;
  }

  async function confirmGeneration(): Promise<void> {
    if (confirmed || reached() < (start.madeUpTo ?? -1n)) return;
    remadeAt ??= clock().getTime();
    if (clock().getTime() - remadeAt < durableAfterMs) return;
    await saveGeneration(sql, start.generation);
    confirmed = true;
  }

  function reached(): bigint {
    return window.done() ?? (start.after === 'start' ? -1n : start.after);
  }

  async function checkMarker(): Promise<void> {
    if (clock().getTime() - checkedAt < markerCheckMs) return;
    checkedAt = clock().getTime();
    // While Redis is away nobody knows; its return begins a new round.
    const mark = await marker.read().catch(() => start.generation);
    if (mark !== start.generation) round.abort();
  }
}
